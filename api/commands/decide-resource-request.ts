import { ConflictError, ForbiddenError } from '../errors.ts';
import { RequestRevision, type GivenApproval } from '../models/request-revision.ts';
import { ResourceRequest } from '../models/resource-request.ts';
import type { ShownRequest } from '../models/shown-request.ts';
import { judgeVote } from '../policies/approval-quorum.ts';
import type { OfferedClass } from '../sync/classes/offered-class.ts';
import { approveRevision, approversOf, enqueueRequest } from './approve-revision.ts';
import { findNamespace } from './change-resource-request.ts';
import { checkQuota } from './check-quota.ts';
import { checkApprovedParameters } from './check-parameters.ts';
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
  const { classes, clock } = command.services;
  const parameters = request.latest_parameters;
  const offered = checkApprovedParameters(classes, request.class_name, parameters);
  const { id, email } = command.actor.user;
  const approvals = [
    ...request.latest_approvals,
    { by: id, email, at: clock.now().toISOString(), comment },
  ];
  const namespace = await findNamespace(command, request);
  const plan = requirePlan(request, offered, namespace);
  const needed = approversOf(offered);
  requireVote({ approver: command.actor.user, request, needed });
  if (approvals.length < needed) {
    await keepApproval(command, request, { approvals, approvers: needed });
  } else {
    await finishApproval(command, request, { offered, approvals, comment, namespace, plan });
  }
}

/** @throws {ForbiddenError} {ConflictError} when this person's yes does not count */
function requireVote(vote: Parameters<typeof judgeVote>[0]): void {
  switch (judgeVote(vote)) {
    case 'own':
      throw new ForbiddenError(
        'The class wants several approvers, none of whom may have asked for it.',
        'SELF_APPROVAL',
      );
    case 'twice':
      throw new ConflictError('You have approved this already; it waits for others.');
    case 'counts':
      return;
  }
}

async function keepApproval(
  command: RequestCommand,
  request: ShownRequest,
  change: { approvals: GivenApproval[]; approvers: number },
): Promise<void> {
  const { trx, services } = command;
  await RequestRevision.settlePending(trx, request, change);
  await ResourceRequest.query(trx)
    .patch({ updated_at: services.clock.now() })
    .where({ organization_id: request.organization_id, id: request.id });
  const { approvals, approvers } = change;
  await recordDeed(command, {
    ...{ id: request.id, event: 'partly_approved', action: 'approve' },
    message: approvals.at(-1)?.comment ?? undefined,
    details: { revision: latestRevision(request), approvers },
    change: {
      before: { approvals: approvals.length - 1 },
      after: { approvals: approvals.length },
    },
  });
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
