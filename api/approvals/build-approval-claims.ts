import {
  APPROVAL_ISSUER,
  classDigest,
  inputsDigest,
  type ApprovalClaims,
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
  const issuedAt = Math.floor(statement.now.getTime() / 1000);
  const validity = parseDuration(subject.classSpec.approval.expiresAfter ?? DEFAULT_VALIDITY);
  return {
    iss: APPROVAL_ISSUER,
    sub: statement.approver.id,
    name: statement.approver.email,
    jti: statement.id,
    request: `${subject.namespace}/${subject.name}`,
    class: digest,
    inputs: inputsDigest({
      classDigest: digest,
      namespace: subject.namespace,
      name: subject.name,
      parameters: subject.parameters,
      deletionPolicy: subject.deletionPolicy,
    }),
    ...(subject.plan === undefined ? {} : { plan: subject.plan }),
    iat: issuedAt,
    exp: issuedAt + Math.floor(validity / 1000),
  };
}
