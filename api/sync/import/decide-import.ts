import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { canonicalJson } from '../../../lib/canonical-json.ts';
import { LIVE_STATUSES, type RequestStatus } from '../../policies/request-transitions.ts';

/** What a resource asks for, as far as it can change. */
export interface ImportedSpec {
  parameters: Record<string, unknown>;
  deletion_policy: 'Delete' | 'Retain' | null;
}

/** The newest request that was made of a resource. */
export interface ImportedRow {
  id: string;
  status: RequestStatus;
  revision: number;
  pending_revision: number | null;
  observed_version: string | null;
  /** The revision in force, or the one that waits where none was yet. */
  in_force: ImportedSpec;
  /** The newest that asks for something, under the number of the newest of all. */
  newest: ImportedSpec & { revision: number; status: string };
  /** Whether it is its deletion that waits for an approval. */
  awaits_deletion: boolean;
}

/** What an import has to do. */
export type ImportStep =
  /** A request of it is to be made. */
  | { kind: 'create' }
  /** It asks for something else now. */
  | { kind: 'revise' }
  /** It asks again for what is in force: what waited is not wanted any more. */
  | { kind: 'withdraw' }
  | { kind: 'nothing' };

/** What a resource asks for now. */
export function specOf(resource: ResourceRequest): ImportedSpec {
  const { parameters = {}, deletionPolicy = null } = resource.spec;
  return { parameters, deletion_policy: deletionPolicy };
}

/**
 * What has to be done so that the requests say what a resource says. A request that was rejected
 * or taken back is over; the same resource is asked about again only when it asks for something
 * else.
 *
 * @param row the newest request of this very resource (by uid), if there is one
 */
export function decideImport(resource: ResourceRequest, row: ImportedRow | undefined): ImportStep {
  if (resource.metadata.deletionTimestamp !== undefined) return { kind: 'nothing' };
  if (!row) return { kind: 'create' };
  const spec = specOf(resource);
  if (isOlder(resource, row) || row.status === 'deleting') return { kind: 'nothing' };
  if (!LIVE_STATUSES.includes(row.status)) {
    return { kind: isSame(spec, row.newest) ? 'nothing' : 'create' };
  }
  return decideChange(spec, row);
}

function decideChange(spec: ImportedSpec, row: ImportedRow): ImportStep {
  if (row.status !== 'pending' && isSame(spec, row.in_force)) {
    // What is in force may be asked about once more: its plan was not what would be done any more.
    const isWanted =
      row.pending_revision === null || row.awaits_deletion || isSame(spec, row.newest);
    return { kind: isWanted ? 'nothing' : 'withdraw' };
  }
  // A change that was rejected stays rejected.
  return { kind: isSame(spec, row.newest) && !isUnasked(row) ? 'nothing' : 'revise' };
}

/** A change that made room for a deletion, of which nothing came. */
function isUnasked({ newest, pending_revision }: ImportedRow): boolean {
  return newest.status === 'superseded' && pending_revision === null;
}

function isSame(left: ImportedSpec, right: ImportedSpec): boolean {
  return (
    left.deletion_policy === right.deletion_policy &&
    canonicalJson(left.parameters) === canonicalJson(right.parameters)
  );
}

/** Another replica may have seen a newer one; versions of one object compare as numbers. */
export function isOlder(
  resource: ResourceRequest,
  row: { observed_version: string | null },
): boolean {
  const version = resource.metadata.resourceVersion;
  if (version === undefined || row.observed_version === null) return false;
  return BigInt(version) < BigInt(row.observed_version);
}
