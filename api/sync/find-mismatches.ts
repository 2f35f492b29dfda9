import type { ResourceRequest } from '../../crds/resource-request.ts';
import { RUNNING_STATUSES } from '../policies/request-transitions.ts';
import { carriesRevision } from './mirror/mirrored-status.ts';
import { belongsTo } from './relay/decide-request-step.ts';
import type { SyncedRequest } from './synced-request.ts';

/**
 * The requests whose resource is not what their row wants: missing, another one, of another
 * revision, or still there although it should go.
 *
 * A request that failed keeps its failure until somebody acts; only a missing resource counts.
 *
 * @param rows requests that may have a resource
 * @param resources by `<namespace>/<name>`
 */
export function findMismatches(
  rows: readonly SyncedRequest[],
  resources: ReadonlyMap<string, ResourceRequest>,
): SyncedRequest[] {
  return rows.filter((row) => {
    const resource = resources.get(`${row.resource_namespace ?? ''}/${row.resource_name ?? ''}`);
    if (!resource || !isResourceOf(row, resource)) {
      return row.status !== 'failed' || hadResource(row);
    }
    if (row.status === 'deleting') return !isGoing(row, resource);
    return isInForce(row) && !carriesDecision(row, resource);
  });
}

function isResourceOf(row: SyncedRequest, resource: ResourceRequest): boolean {
  const isKnown = row.resource_uid === null || row.resource_uid === resource.metadata.uid;
  return isKnown && belongsTo({ ...row, resourceUid: row.resource_uid }, resource);
}

/** Where its deletion needed an approval, that has to be there as well. */
function isGoing(
  { deletes, approval }: SyncedRequest,
  { metadata, spec }: ResourceRequest,
): boolean {
  const isApproved = !deletes || approval === null || spec.approval === approval;
  return isApproved && metadata.deletionTimestamp !== undefined;
}

/** A pending request of the cluster has nothing to be carried over. */
function isInForce(row: SyncedRequest): boolean {
  return RUNNING_STATUSES.includes(row.status) && row.status !== 'failed';
}

/** What the parameters of a resource from the cluster are is not ours to say. */
function carriesDecision(row: SyncedRequest, resource: ResourceRequest): boolean {
  if (row.origin === 'api') return carriesRevision(row, resource);
  return row.approval === null || resource.spec.approval === row.approval;
}

function hadResource(row: SyncedRequest): boolean {
  return row.resource_uid !== null;
}
