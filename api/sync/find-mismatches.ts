import type { ResourceRequest } from '../../crds/resource-request.ts';
import { carriesRevision } from './mirror/mirrored-status.ts';
import { belongsTo } from './relay/decide-request-step.ts';
import type { SyncedRequest } from './synced-request.ts';

/**
 * The requests whose resource is not what their row wants: missing, another one, of an older
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
    if (!resource || !belongsTo(row, resource)) return row.status !== 'failed' || hadResource(row);
    if (row.status === 'deleting') return resource.metadata.deletionTimestamp === undefined;
    return row.status === 'approved' && !carriesRevision(row, resource);
  });
}

function hadResource(row: SyncedRequest): boolean {
  return row.resource_uid !== null;
}
