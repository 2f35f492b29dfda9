import type { Database } from '../db/database.ts';
import { recordRequestEvent } from '../db/request-events.ts';
import type { Transaction } from '../db/transaction.ts';
import { canMove, type RequestStatus } from '../policies/request-transitions.ts';
import type { MirroredFailure } from './mirror/mirrored-status.ts';
import { lockSyncedRequest, type SyncedRequest } from './synced-request.ts';

/** Notes which object was made for a request; the first one that was seen stays. */
export async function recordResourceUid(
  database: Database,
  id: string,
  uid: string,
): Promise<SyncedRequest | undefined> {
  return database.withSystem('relay: resource applied', async (trx) => {
    const request = await lockSyncedRequest(trx, id);
    if (request?.resource_uid !== null) return request;
    await trx('resource_requests')
      .where({ id })
      .update({ resource_uid: uid, updated_at: trx.fn.now() });
    return { ...request, resource_uid: uid };
  });
}

/** The same, for whichever request this resource was of. */
export async function recordResourceGoneByUid(
  database: Database,
  resource: { namespace: string; name: string; uid: string },
): Promise<void> {
  const { namespace, name, uid } = resource;
  const ids = await database.withSystem('sync: whose resource is gone', (trx) =>
    trx('resource_requests')
      .where({ resource_namespace: namespace, resource_name: name, resource_uid: uid })
      .pluck<string[]>('id'),
  );
  for (const id of ids) await recordResourceGone(database, id, uid);
}

/**
 * The resource is gone for good, so the request is over.
 *
 * @param uid of the resource that is gone; a newer one is another matter
 */
export async function recordResourceGone(
  database: Database,
  id: string,
  uid: string | null,
): Promise<void> {
  await database.withSystem('sync: resource gone', async (trx) => {
    const request = await lockSyncedRequest(trx, id);
    if (!request || request.resource_uid !== uid) return;
    if (request.status === 'deleted' || !canMove(request.status, 'deleted')) return;
    await moveRequest(trx, request, {
      status: 'deleted',
      fields: { failure: null, credentials: null, pending_revision: null },
    });
    await trx('request_revisions')
      .where({ organization_id: request.organization_id, request_id: id, status: 'pending' })
      .update({ status: 'cancelled' });
  });
}

/** The request cannot reach Kubernetes, and why; people must change something. */
export async function recordRelayFailure(
  database: Database,
  id: string,
  failure: MirroredFailure,
): Promise<void> {
  await database.withSystem('relay: refused', async (trx) => {
    const request = await lockSyncedRequest(trx, id);
    if (!request) return;
    const status = canMove(request.status, 'failed') ? 'failed' : request.status;
    const fields = { failure: JSON.stringify(failure) };
    await moveRequest(trx, request, { status, fields, failure });
  });
}

/** How a request moves. */
export interface RequestMove {
  status: RequestStatus;
  /** Columns to write besides. */
  fields: Record<string, unknown>;
  /** What the event says, where something went wrong. */
  failure?: MirroredFailure | null;
}

/** Writes fields of a request, and an event where its status changes. */
export async function moveRequest(
  trx: Transaction,
  request: SyncedRequest,
  { status, fields, failure }: RequestMove,
): Promise<void> {
  await trx('resource_requests')
    .where({ id: request.id })
    .update({ ...fields, status, updated_at: trx.fn.now() });
  if (status === request.status) return;
  await recordRequestEvent(trx, {
    organizationId: request.organization_id,
    requestId: request.id,
    type: status,
    actorId: null,
    message: failure?.message,
    details: {
      ...{ before: { status: request.status }, after: { status } },
      ...(failure ? { failure_type: failure.type } : {}),
    },
  });
}
