import { v7 as uuid } from 'uuid';
import { inputsDigest } from '../../crds/approval.ts';
import { needsApproval } from '../../crds/preview.ts';
import { enqueueOutbox } from '../db/outbox.ts';
import type { Transaction } from '../db/transaction.ts';
import { RequestRevision, type GivenApproval } from '../models/request-revision.ts';
import { ResourceRequest } from '../models/resource-request.ts';
import type { ShownRequest } from '../models/shown-request.ts';
import type { OfferedClass } from '../sync/classes/offered-class.ts';
import type { RequestCommand } from './request-context.ts';

/** Where a revision is put in force, and with what. */
export type ForceCommand = Pick<RequestCommand, 'trx' | 'services'>;

/** Who signs, and who has agreed. */
export interface Agreement {
  /** The id is null where it is the platform that approves, by bounds of the class. */
  approver: { id: string | null; email: string };
  /** Of everybody who agreed, the approver included. */
  approvals: GivenApproval[];
}

/** `sub` of the approvals that the platform gives. */
const PLATFORM = 'platform';

/** The revision that is to be put in force. */
export interface RevisionInQuestion {
  request: Pick<ShownRequest, 'id' | 'organization_id' | 'name'>;
  /** Of the project; the resource gets the name of the request. */
  namespace: string;
  revision: number;
  parameters: Record<string, unknown>;
  reason: string | null;
  offered: OfferedClass;
  comment: string | null;
  /** Of a resource that was made in the cluster. */
  deletionPolicy?: 'Delete' | 'Retain' | undefined;
  /** Digest of the plan that was shown, where one was. */
  plan?: string | undefined;
}

/** How a revision came to be in force. */
interface Decision {
  class_digest: string;
  inputs_digest: string;
  approval?: string;
  approvals: GivenApproval[];
  approvers: number;
  decided_by: string | null;
  decided_at: Date;
  decision_comment: string | null;
}

/** How many people have to agree, by a class as it stands. */
export function approversOf({ spec }: OfferedClass): number {
  return needsApproval(spec) ? (spec.approval.approvers ?? 1) : 0;
}

/**
 * Puts a revision in force with the signed statement of an approver. The signature is made here,
 * where the approver is known, and kept with the decision: whoever can only write to the database
 * cannot approve, and a statement that was committed can be carried over as often as needed.
 */
export async function approveRevision(
  command: ForceCommand,
  question: RevisionInQuestion,
  { approver, approvals }: Agreement,
): Promise<void> {
  const { services } = command;
  const now = services.clock.now();
  const signed = await services.approvals.sign(
    {
      classSpec: question.offered.spec,
      namespace: question.namespace,
      name: question.request.name,
      parameters: question.parameters,
      deletionPolicy: question.deletionPolicy,
      plan: question.plan,
    },
    { approver: { id: approver.id ?? PLATFORM, email: approver.email }, id: uuid(), now },
  );
  const decision = {
    class_digest: signed.classDigest,
    inputs_digest: signed.inputsDigest,
    approval: signed.token,
    approvals,
    approvers: approversOf(question.offered),
    decided_by: approver.id,
    decided_at: now,
    decision_comment: question.comment,
  };
  await putInForce(command.trx, question, decision, signed.expiresAt);
}

/** Puts a revision in force that needs nobody's approval, by its class. */
export async function admitRevision(
  command: ForceCommand,
  question: RevisionInQuestion,
): Promise<void> {
  const { digest } = question.offered;
  const decision = {
    class_digest: digest,
    inputs_digest: inputsDigest({
      classDigest: digest,
      namespace: question.namespace,
      name: question.request.name,
      parameters: question.parameters,
      deletionPolicy: question.deletionPolicy,
    }),
    approvals: [],
    approvers: 0,
    decided_by: null,
    decided_at: command.services.clock.now(),
    decision_comment: question.comment,
  };
  await putInForce(command.trx, question, decision, null);
}

async function putInForce(
  trx: Transaction,
  question: RevisionInQuestion,
  decision: Decision,
  expiresAt: Date | null,
): Promise<void> {
  const { request, namespace, revision, parameters, reason } = question;
  await RequestRevision.settlePending(trx, request, { ...decision, status: 'approved' });
  await ResourceRequest.query(trx)
    .patch({
      ...{ status: 'approved', revision, pending_revision: null, parameters, reason },
      ...{ resource_namespace: namespace, resource_name: request.name, failure: null },
      decided_by: decision.decided_by,
      decided_at: decision.decided_at,
      decision_comment: decision.decision_comment,
      approval_expires_at: expiresAt,
      updated_at: decision.decided_at,
    })
    .where({ organization_id: request.organization_id, id: request.id });
  await enqueueRequest(trx, request);
}

/** Asks the relay to look at a request; what is to be done, the row says by then. */
export async function enqueueRequest(
  trx: Transaction,
  request: Pick<ShownRequest, 'id' | 'organization_id'>,
  payload: { reconcile_at?: string } = {},
): Promise<void> {
  await enqueueOutbox(trx, {
    organizationId: request.organization_id,
    kind: 'resource-request',
    key: request.id,
    payload,
  });
}
