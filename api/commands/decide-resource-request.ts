import { ConflictError } from '../errors.ts';
import { RequestRevision } from '../models/request-revision.ts';
import { ResourceRequest, type ShownRequest } from '../models/resource-request.ts';
import { approveRevision } from './approve-revision.ts';
import { findNamespace } from './change-resource-request.ts';
import { checkApprovedParameters } from './check-parameters.ts';
import { recordDeed, type RequestCommand } from './request-context.ts';

/**
 * Approves the revision that waits, in one transaction with the record of it and the order to
 * carry it over.
 *
 * @param request locked; something of it waits for a decision
 * @throws {ConflictError} when the class does not take it any more, or wants more approvers
 */
export async function approveResourceRequest(
  command: RequestCommand,
  request: ShownRequest,
  comment: string | null,
): Promise<void> {
  const revision = request.pending_revision ?? request.revision;
  const parameters = request.latest_parameters;
  const { classes } = command.services;
  const offered = checkApprovedParameters(classes, request.class_name, parameters);
  if ((offered.spec.approval.approvers ?? 1) > 1) {
    throw new ConflictError('The class wants several approvers, which cannot be recorded here.');
  }
  const namespace = await findNamespace(command, request);
  await approveRevision(command, {
    ...{ request, namespace, revision, parameters, offered, comment },
    reason: request.latest_reason,
  });
  await recordDeed(command, {
    ...{ id: request.id, event: 'approved', action: 'approve' },
    message: comment ?? undefined,
    details: { revision, class_digest: offered.digest },
  });
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
  await dropPending(command, request, 'rejected', decision);
  await recordDeed(command, {
    ...{ id: request.id, event: 'rejected', action: 'reject', message: reason },
    details: { revision: request.pending_revision ?? request.revision },
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
  await dropPending(command, request, 'cancelled', {});
  await recordDeed(command, {
    ...{ id: request.id, event: 'cancelled', action: 'cancel' },
    details: { revision: request.pending_revision ?? request.revision },
  });
}

async function dropPending(
  { trx, services }: RequestCommand,
  request: ShownRequest,
  end: 'rejected' | 'cancelled',
  decision: Partial<ResourceRequest>,
): Promise<void> {
  const change = request.status === 'pending' ? { status: end } : { pending_revision: null };
  await ResourceRequest.query(trx)
    .patch({ ...decision, ...change, updated_at: services.clock.now() })
    .where({ organization_id: request.organization_id, id: request.id });
}
