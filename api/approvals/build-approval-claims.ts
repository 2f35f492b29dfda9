import {
  APPROVAL_ISSUER,
  classDigest,
  deletionDigest,
  inputsDigest,
  type ApprovalClaims,
  type DeletedResource,
} from '../../crds/approval.ts';
import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import { parseDuration } from '../../lib/duration.ts';

/** How long an approval may wait before it starts something, where the class does not say. */
const DEFAULT_VALIDITY = '7d';

/** What an approver agreed to. */
export interface ApprovalSubject {
  /** The class as it stands while the approver decides. */
  classSpec: ResourceClassSpec;
  namespace: string;
  name: string;
  parameters: Record<string, unknown>;
  /** As the resource states it; one that the api makes states none. */
  deletionPolicy?: 'Delete' | 'Retain' | undefined;
  /** Digest of the plan that was shown, where one was. */
  plan?: string | undefined;
}

/** Who agreed, when, and under which id. */
export interface ApprovalStatement {
  approver: { id: string; email: string };
  /** Unique per approval; the operator binds it to the first uid that uses it. */
  id: string;
  now: Date;
}

/**
 * The claims of an approval: bound to one resource by name, to the class by digest and to the
 * inputs by digest, so that a change of any of them makes it void.
 */
export function buildApprovalClaims(
  subject: ApprovalSubject,
  statement: ApprovalStatement,
): ApprovalClaims {
  const digest = classDigest(subject.classSpec);
  const inputs = inputsDigest({
    classDigest: digest,
    namespace: subject.namespace,
    name: subject.name,
    parameters: subject.parameters,
    deletionPolicy: subject.deletionPolicy,
  });
  return state(subject, statement, {
    ...{ class: digest, inputs, expiresAfter: subject.classSpec.approval.expiresAfter },
    plan: subject.plan,
  });
}

/** What an approver of a deletion agreed to. */
export interface DeletionSubject {
  resource: DeletedResource;
  /** The class as it stands while the approver decides; undefined where it is gone. */
  classSpec: ResourceClassSpec | undefined;
  /** Digest of the plan that was shown, where one was. */
  plan?: string | undefined;
}

/** `class` of the approval of a deletion whose class is gone. */
const NO_CLASS = 'none';

/**
 * The claims of an approval of a deletion: bound to one resource by its uid. What is destroyed is what
 * was applied, whatever the class says by now.
 */
export function buildDeletionClaims(
  { resource, classSpec, plan }: DeletionSubject,
  statement: ApprovalStatement,
): ApprovalClaims {
  return state(resource, statement, {
    class: classSpec ? classDigest(classSpec) : NO_CLASS,
    inputs: deletionDigest(resource),
    expiresAfter: classSpec?.approval.expiresAfter,
    plan,
  });
}

/** What is stated, whatever it is about. */
interface Content extends Pick<ApprovalClaims, 'class' | 'inputs'> {
  plan: string | undefined;
  expiresAfter: string | undefined;
}

function state(
  { namespace, name }: { namespace: string; name: string },
  { approver, id, now }: ApprovalStatement,
  { plan, expiresAfter, ...digests }: Content,
): ApprovalClaims {
  const issuedAt = Math.floor(now.getTime() / 1000);
  const validity = parseDuration(expiresAfter ?? DEFAULT_VALIDITY);
  return {
    ...{ iss: APPROVAL_ISSUER, sub: approver.id, name: approver.email, jti: id },
    request: `${namespace}/${name}`,
    ...digests,
    ...(plan === undefined ? {} : { plan }),
    iat: issuedAt,
    exp: issuedAt + Math.floor(validity / 1000),
  };
}
