import type { ResourceRequest } from '../../crds/resource-request.ts';
import { keyOf } from '../../lib/kube/objects.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Database } from '../db/database.ts';
import { enqueueOutbox } from '../db/outbox.ts';
import type { Transaction } from '../db/transaction.ts';
import type { RequestStatus } from '../policies/request-transitions.ts';
import { findMismatches } from './find-mismatches.ts';
import { requestIdOf } from './mirror/request-mirror.ts';
import type { OutboxQueue } from './relay/outbox-queue.ts';
import { listSyncedRequests, type SyncedRequest } from './synced-request.ts';

const PAGE_SIZE = 500;
/** Every status but the two in which nothing was ever applied; the end is looked at as well. */
const WITH_RESOURCE: readonly RequestStatus[] = [
  'approved',
  'provisioning',
  'ready',
  'failed',
  'deleting',
];

/** What the sweep works with. */
export interface SweepDependencies {
  database: Database;
  queue: OutboxQueue;
  resources: { list(): ResourceRequest[] };
  /** Has the mirror look at a resource that is of no request. */
  lookAt: (key: string) => void;
  log: Logger;
}

/**
 * Compares both sides every few minutes, both ways, and puts what differs into the outbox. The
 * net under relay and mirror: with it, nothing depends on a single message or event.
 */
export class Sweep {
  readonly #dependencies: SweepDependencies;
  constructor(dependencies: SweepDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Compares once, and removes what was done from the outbox. The cache has to be synced.
   *
   * @returns the ids of the requests that the relay was asked to look at
   */
  async compare(): Promise<string[]> {
    const { database, resources, queue, log } = this.#dependencies;
    const objects = resources.list();
    const byKey = new Map(objects.map((object) => [keyOf(object), object]));
    const rows = await this.#listRequests();
    const mismatches = findMismatches(rows, byKey);
    const known = new Set(rows.map((row) => row.id));
    const strays = objects.map(requestIdOf).filter((id) => id !== undefined && !known.has(id));
    this.#lookAtUnknown(objects, rows);
    const ids = await database.withSystem('sweep: enqueue', async (trx) => [
      ...(await enqueueAll(trx, mismatches)),
      ...(await enqueueAll(trx, await listByIds(trx, strays))),
    ]);
    await queue.prune();
    if (ids.length > 0) log.warn('requests and resources differ; looking again', { ids });
    return ids;
  }

  /** They may have come while nobody watched, or waited for a name that is free by now. */
  #lookAtUnknown(objects: readonly ResourceRequest[], rows: readonly SyncedRequest[]): void {
    const uids = new Set(rows.map((row) => row.resource_uid));
    for (const object of objects) {
      if (!uids.has(object.metadata.uid ?? '')) this.#dependencies.lookAt(keyOf(object));
    }
  }

  async #listRequests(): Promise<SyncedRequest[]> {
    const all: SyncedRequest[] = [];
    for (let after: string | undefined; ; after = all.at(-1)?.id) {
      const page = { after, limit: PAGE_SIZE };
      const rows = await this.#dependencies.database.withSystem('sweep: read', (trx) =>
        listSyncedRequests(trx, WITH_RESOURCE, page),
      );
      all.push(...rows);
      if (rows.length < PAGE_SIZE) return all;
    }
  }
}

interface SweptRow {
  id: string;
  organization_id: string;
}

/** The rows of resources whose request is over. */
async function listByIds(
  trx: Transaction,
  ids: readonly (string | undefined)[],
): Promise<SweptRow[]> {
  const wanted = ids.filter((id) => id !== undefined);
  if (wanted.length === 0) return [];
  return trx('resource_requests')
    .whereIn('id', wanted)
    .whereIn('status', ['rejected', 'cancelled', 'deleted'])
    .select<SweptRow[]>('id', 'organization_id');
}

/** Leaves out what is in the outbox already. */
async function enqueueAll(trx: Transaction, rows: readonly SweptRow[]): Promise<string[]> {
  const open = await trx('outbox')
    .whereIn(
      'key',
      rows.map((row) => row.id),
    )
    .where({ kind: 'resource-request', done_at: null, dead: false })
    .pluck<string[]>('key');
  const missing = rows.filter((row) => !open.includes(row.id));
  for (const row of missing) {
    const entry = { organizationId: row.organization_id, key: row.id, payload: {} };
    await enqueueOutbox(trx, { ...entry, kind: 'resource-request' });
  }
  return missing.map((row) => row.id);
}
