import { RequestRevision } from '../models/request-revision.ts';
import { ResourceRequest } from '../models/resource-request.ts';
import { stateOf, type ShownRequest } from '../models/shown-request.ts';
import { enqueueRequest } from './approve-revision.ts';
import { askForApprovalAgain } from './change-resource-request.ts';
import { lacksPlan } from '../policies/request-transitions.ts';
import { needsApprovalAgain } from '../policies/approval-quorum.ts';
import { fileDeletion, isDeletionAsked } from './file-deletion.ts';
import { orderPlan } from './order-plan.ts';
import { recordDeed, type RequestCommand } from './request-context.ts';

/**
 * Ends a request: one that never ran is over at once, any other has its resource deprovisioned, when
 * people have agreed where the class wants that.
 *
 * @param request locked and live; where it is being deleted already, or waits for that, nothing
 *   happens
 */
export async function deleteResourceRequest(
  command: RequestCommand,
  request: ShownRequest,
): Promise<void> {
  if (request.status === 'deleting' || isDeletionPending(request)) return;
  if (await isDeletionAsked(command, request)) return fileDeletion(command, request);
  const { trx, services } = command;
  const isMade = request.status !== 'pending' || request.origin === 'cluster';
  const status = isMade ? 'deleting' : 'deleted';
  await RequestRevision.settlePending(trx, request, { status: 'cancelled' });
  await ResourceRequest.query(trx)
    .patch({ status, pending_revision: null, updated_at: services.clock.now() })
    .where({ organization_id: request.organization_id, id: request.id });
  if (status === 'deleting') await enqueueRequest(trx, request);
  await recordDeed(command, {
    ...{ id: request.id, event: 'deletion_requested', action: 'delete' },
    change: { before: { status: request.status }, after: { status } },
  });
}

function isDeletionPending({ pending_revision, latest_deletes }: ShownRequest): boolean {
  return pending_revision !== null && latest_deletes;
}

/**
 * Asks for another try: of the plan where that is what failed, of the operator, and of the relay where the resource never came to be.
 * Where the approval has ended, it is the approvers who have to look again.
 *
 * @param request locked; its state allows it
 */
export async function retryResourceRequest(
  command: RequestCommand,
  request: ShownRequest,
): Promise<void> {
  const { trx, services } = command;
  const now = services.clock.now();
  if (lacksPlan(stateOf(request))) {
    await planAgain(command, request);
    return;
  }
  if (needsApprovalAgain(request, now)) {
    await askForApprovalAgain(command, request);
    return;
  }
  if (await isEndRefused(command, request)) return fileDeletion(command, request);
  if (request.status === 'failed' && request.resource_uid === null) {
    await ResourceRequest.query(trx)
      .patch({ status: 'approved', failure: null, updated_at: now })
      .where({ organization_id: request.organization_id, id: request.id });
  }
  await enqueueRequest(trx, request, { reconcile_at: now.toISOString() });
  const { status } = request;
  await recordDeed(command, {
    ...{ id: request.id, event: 'retried', action: 'retry' },
    change: { before: { status }, after: { status, reconcile_at: now.toISOString() } },
  });
}

/** What Kubernetes deletes stays until people agree; those who said no can be asked again. */
async function isEndRefused(
  { trx }: RequestCommand,
  { organization_id, id, status, pending_revision }: ShownRequest,
): Promise<boolean> {
  if (status !== 'deleting' || pending_revision !== null) return false;
  const newest = await RequestRevision.newest(trx, { organization_id, id });
  return newest?.deletes === true && newest.status === 'rejected';
}

/** What waits for a decision cannot be decided without a plan, so that is what is tried again. */
async function planAgain(command: RequestCommand, request: ShownRequest): Promise<void> {
  const { trx, services } = command;
  const now = services.clock.now();
  const revision = request.pending_revision ?? request.revision;
  await orderPlan(trx, { ...request, deletes: request.latest_deletes }, revision);
  await ResourceRequest.query(trx)
    .patch({ updated_at: now })
    .where({ organization_id: request.organization_id, id: request.id });
  // What was made in the cluster, the operator plans; it is asked to look again.
  if (request.origin === 'cluster') {
    await enqueueRequest(trx, request, { reconcile_at: now.toISOString() });
  }
  await recordDeed(command, {
    ...{ id: request.id, event: 'retried', action: 'retry', details: { revision } },
    change: { before: { plan: request.latest_plan_status }, after: { plan: 'planning' } },
  });
}
