import { ANNOTATIONS } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import {
  LIVE_STATUSES,
  RUNNING_STATUSES,
  type RequestStatus,
} from '../../policies/request-transitions.ts';

/** What the relay must do so that Kubernetes agrees with the row of a request. */
export type RequestStep =
  /** Apply the revision in force; to a resource of the cluster, the decision about it. */
  | { kind: 'apply' }
  /** Give the operator the approval of the deletion of exactly this object. */
  | { kind: 'approve-deletion'; uid: string; approval: string }
  /** Delete exactly this object. */
  | { kind: 'delete'; uid: string }
  /** It is going: look again until it is gone. */
  | { kind: 'wait' }
  /** The resource that the row is about is gone: the row follows. */
  | { kind: 'gone' }
  /** Somebody else's resource has the name: it stays as it is, and the request fails. */
  | { kind: 'foreign' }
  | { kind: 'nothing' };

/** The row, as far as the decision needs it. */
export interface RelayedRow {
  id: string;
  status: RequestStatus;
  origin: 'api' | 'cluster';
  /** Uid of the resource as it was last seen; null before the first time. */
  resourceUid: string | null;
  /** Of what is destroyed, where that needed one; it goes out before the deletion. */
  deletionApproval?: string | null;
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
  if (row.origin === 'cluster') return decideImported(row, own);
  if (RUNNING_STATUSES.includes(row.status)) return decideRunning(row, resource, own);
  if (row.status === 'deleting' && !own) return { kind: 'gone' };
  return deleteStep(row, own);
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

/**
 * A resource that was made in the cluster is deleted only when somebody asks for that; one that is
 * rejected stays, and says so.
 */
function decideImported(row: RelayedRow, own: ResourceRequest | undefined): RequestStep {
  if (!own) return { kind: LIVE_STATUSES.includes(row.status) ? 'gone' : 'nothing' };
  if (row.status === 'deleting') return deleteStep(row, own);
  const isFinal = row.status === 'deleted' || own.metadata.deletionTimestamp !== undefined;
  return { kind: isFinal ? 'nothing' : 'apply' };
}

/** Also where nothing should be: an apply that overlapped with a deletion may have left it. */
function deleteStep(row: RelayedRow, own: ResourceRequest | undefined): RequestStep {
  const { uid, deletionTimestamp } = own?.metadata ?? {};
  if (uid === undefined) return { kind: 'nothing' };
  const approval = row.deletionApproval ?? undefined;
  if (approval !== undefined && own?.spec.approval !== approval) {
    return { kind: 'approve-deletion', uid, approval };
  }
  if (deletionTimestamp === undefined) return { kind: 'delete', uid };
  return { kind: row.status === 'deleting' ? 'wait' : 'nothing' };
}

/**
 * Whether a resource is of this request, and not of another of the same name: by our annotation,
 * or by its uid where it was made in the cluster.
 */
export function belongsTo(
  row: Pick<RelayedRow, 'id' | 'origin' | 'resourceUid'>,
  resource: ResourceRequest,
): boolean {
  return row.origin === 'cluster'
    ? resource.metadata.uid === row.resourceUid
    : resource.metadata.annotations?.[ANNOTATIONS.requestId] === row.id;
}
