import { RequestRevision } from '../models/request-revision.ts';
import { ResourceRequest, type ShownRequest } from '../models/resource-request.ts';
import { enqueueRequest } from './approve-revision.ts';
import { recordDeed, type RequestCommand } from './request-context.ts';

/**
 * Ends a request: one that never ran is over at once, any other has its resource deprovisioned.
 *
 * @param request locked and live; where it is being deleted already, nothing happens
 */
export async function deleteResourceRequest(
  command: RequestCommand,
  request: ShownRequest,
): Promise<void> {
  if (request.status === 'deleting') return;
  const { trx, services } = command;
  const status = request.status === 'pending' ? 'deleted' : 'deleting';
  await RequestRevision.settlePending(trx, request, { status: 'cancelled' });
  await ResourceRequest.query(trx)
    .patch({ status, pending_revision: null, updated_at: services.clock.now() })
    .where({ organization_id: request.organization_id, id: request.id });
  if (status === 'deleting') await enqueueRequest(trx, request);
  await recordDeed(command, {
    ...{ id: request.id, event: 'deletion_requested', action: 'delete' },
    details: { from: request.status },
  });
}

/**
 * Asks for another try: of the operator, and of the relay where the resource never came to be.
 *
 * @param request locked; its state allows it
 */
export async function retryResourceRequest(
  command: RequestCommand,
  request: ShownRequest,
): Promise<void> {
  const { trx, services } = command;
  const now = services.clock.now();
  if (request.status === 'failed' && request.resource_uid === null) {
    await ResourceRequest.query(trx)
      .patch({ status: 'approved', failure: null, updated_at: now })
      .where({ organization_id: request.organization_id, id: request.id });
  }
  await enqueueRequest(trx, request, { reconcile_at: now.toISOString() });
  await recordDeed(command, {
    ...{ id: request.id, event: 'retried', action: 'retry' },
    details: { from: request.status },
  });
}
