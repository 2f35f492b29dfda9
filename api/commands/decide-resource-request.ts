import { RequestRevision, type GivenApproval } from '../models/request-revision.ts';
import { ResourceRequest } from '../models/resource-request.ts';
import type { ShownRequest } from '../models/shown-request.ts';
import type { OfferedClass } from '../sync/classes/offered-class.ts';
import { approveDeletion } from './approve-deletion.ts';
import { approveRevision, approversOf, enqueueRequest } from './approve-revision.ts';
import { findNamespace } from './change-resource-request.ts';
import { checkQuota } from './check-quota.ts';
import { checkApprovedParameters } from './check-parameters.ts';
import { giveApproval } from './give-approval.ts';
import { recordDeed, type RequestCommand, type RequestDeed } from './request-context.ts';
import { requirePlan } from './require-plan.ts';

/**
 * Gives the actor's yes to the revision that waits. With the last one that the class wants, it is
 * in force: signed, in one transaction with the record of it and the order to carry it over.
 *
 * @param request locked; something of it waits for a decision
 * @throws {ConflictError} when the class does not take it any more, the actor said yes before, or
 *   there is no plan of it that could be approved
 * @throws {ForbiddenError} SELF_APPROVAL, for what only others may approve
 */
export async function approveResourceRequest(
  command: RequestCommand,
  request: ShownRequest,
  comment: string | null,
): Promise<void> {
  if (request.latest_deletes) return approveDeletion(command, request, comment);
  const { classes } = command.services;
  const parameters = request.latest_parameters;
  const offered = checkApprovedParameters(classes, request.class_name, parameters);
  const namespace = await findNamespace(command, request);
  const plan = requirePlan(request, offered, namespace);
  const needed = approversOf(offered);
  const approvals = await giveApproval(command, request, { comment, needed });
  if (approvals === undefined) return;
  await finishApproval(command, request, { offered, approvals, comment, namespace, plan });
}

/** The last yes that was missing. */
interface FinalDecision {
  offered: OfferedClass;
  approvals: GivenApproval[];
  comment: string | null;
  namespace: string;
  plan: string | undefined;
}

async function finishApproval(
  command: RequestCommand,
  request: ShownRequest,
  decision: FinalDecision,
): Promise<void> {
  const { offered, approvals, comment, plan } = decision;
  // A change of what is in force already asks for nothing more.
  if (request.status === 'pending') {
    const { organization_id, project_id, class_name: className } = request;
    const demand = { organization_id, project_id, className, counting: 'approved' } as const;
    await checkQuota(command.trx, command.services.classes, demand);
  }
  const revision = latestRevision(request);
  const question = {
    ...{ request, revision, offered, comment },
    ...{ namespace: decision.namespace, plan },
    parameters: request.latest_parameters,
    reason: request.latest_reason,
    deletionPolicy: request.latest_deletion_policy ?? undefined,
  };
  const { user } = command.actor;
  await approveRevision(command, question, {
    approver: { id: user.id, email: user.email },
    approvals,
  });
  await recordDeed(command, {
    ...{ id: request.id, event: 'approved', action: 'approve' },
    message: comment ?? undefined,
    details: {
      ...{ revision, class_digest: offered.digest, approvals: approvals.length },
      ...(plan === undefined ? {} : { plan }),
    },
    change: {
      before: { status: request.status, revision: request.revision },
      after: { status: 'approved', revision },
    },
  });
}

function latestRevision(request: ShownRequest): number {
  return request.pending_revision ?? request.revision;
}

/**
 * Rejects the revision that waits. A request that never ran is over with it; any other keeps
 * running as it is.
 *
 * @param request locked; something of it waits for a decision
 */
export async function rejectResourceRequest(
  command: RequestCommand,
  request: ShownRequest,
  reason: string,
): Promise<void> {
  const { trx, actor, services } = command;
  const decision = {
    decided_by: actor.user.id,
    decided_at: services.clock.now(),
    decision_comment: reason,
  };
  await RequestRevision.settlePending(trx, request, { ...decision, status: 'rejected' });
  const change = await dropPending(command, request, 'rejected', decision);
  await recordDeed(command, {
    ...{ id: request.id, event: 'rejected', action: 'reject', message: reason },
    details: { revision: latestRevision(request) },
    change,
  });
}

/**
 * Takes back the revision that waits; see {@link rejectResourceRequest} for what becomes of the
 * request.
 *
 * @param request locked; something of it waits for a decision
 */
export async function cancelResourceRequest(
  command: RequestCommand,
  request: ShownRequest,
): Promise<void> {
  await RequestRevision.settlePending(command.trx, request, { status: 'cancelled' });
  const change = await dropPending(command, request, 'cancelled', {});
  await recordDeed(command, {
    ...{ id: request.id, event: 'cancelled', action: 'cancel' },
    details: { revision: latestRevision(request) },
    change,
  });
}

/** @returns the change, for the record */
async function dropPending(
  { trx, services }: RequestCommand,
  request: ShownRequest,
  end: 'rejected' | 'cancelled',
  decision: Partial<ResourceRequest>,
): Promise<RequestDeed['change']> {
  const change = request.status === 'pending' ? { status: end } : { pending_revision: null };
  await ResourceRequest.query(trx)
    .patch({ ...decision, ...change, updated_at: services.clock.now() })
    .where({ organization_id: request.organization_id, id: request.id });
  // A resource that was made in the cluster stays, and is told.
  if (request.origin === 'cluster') await enqueueRequest(trx, request);
  const { status, pending_revision } = request;
  return { before: { status, pending_revision }, after: { status, ...change } };
}
