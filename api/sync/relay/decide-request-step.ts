import { ANNOTATIONS } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RUNNING_STATUSES, type RequestStatus } from '../../policies/request-transitions.ts';

/** What the relay must do so that Kubernetes agrees with the row of a request. */
export type RequestStep =
  /** Apply the revision in force. */
  | { kind: 'apply' }
  /** Delete exactly this object. */
  | { kind: 'delete'; uid: string }
  /** The resource that the row is about is gone: the row follows. */
  | { kind: 'gone' }
  /** Somebody else's resource has the name: it stays as it is, and the request fails. */
  | { kind: 'foreign' }
  | { kind: 'nothing' };

/** The row, as far as the decision needs it. */
export interface RelayedRow {
  id: string;
  status: RequestStatus;
  /** Uid of the resource as it was last seen; null before the first time. */
  resourceUid: string | null;
}

/**
 * Decides from the present state of both sides, never from the message that woke the relay: a
 * message that is late, repeated or out of order then does no harm.
 */
export function decideRequestStep(
  row: RelayedRow,
  resource: ResourceRequest | undefined,
): RequestStep {
  const own = resource && belongsTo(row, resource) ? resource : undefined;
  if (RUNNING_STATUSES.includes(row.status)) return decideRunning(row, resource, own);
  if (row.status === 'deleting' && !own) return { kind: 'gone' };
  return deleteStep(own);
}

function decideRunning(
  row: RelayedRow,
  resource: ResourceRequest | undefined,
  own: ResourceRequest | undefined,
): RequestStep {
  if (row.resourceUid !== null && own?.metadata.uid !== row.resourceUid) return { kind: 'gone' };
  if (resource && !own) return { kind: 'foreign' };
  return own?.metadata.deletionTimestamp === undefined ? { kind: 'apply' } : { kind: 'nothing' };
}

/** Also where nothing should be: an apply that overlapped with a deletion may have left it. */
function deleteStep(own: ResourceRequest | undefined): RequestStep {
  const uid = own?.metadata.uid;
  if (uid === undefined || own?.metadata.deletionTimestamp !== undefined) {
    return { kind: 'nothing' };
  }
  return { kind: 'delete', uid };
}

/** Whether a resource was made for this request, and not for another of the same name. */
export function belongsTo(row: { id: string }, resource: ResourceRequest): boolean {
  return resource.metadata.annotations?.[ANNOTATIONS.requestId] === row.id;
}
