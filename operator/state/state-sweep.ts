import { LABELS } from '../../crds/constants.ts';
import { RUN_CONDITION, findCondition } from '../../crds/condition.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { RESOURCE_RUNS } from '../../crds/resource-types.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import type { Logger } from '../../lib/logger.ts';
import { COMPONENTS, stateChunkName } from './names.ts';
import type { HeldLock } from './state-lock.ts';
import type { Stores } from './stores.ts';

/** Younger locks are left alone: whoever took it may not be seen yet. */
const LOCK_GRACE_MS = 30_000;
/** Longer than any writer takes from its first chunk to its index. */
const CHUNK_GRACE_MS = 60 * 60_000;

/** What {@link StateSweep} needs. */
export interface StateSweepOptions {
  client: KubeClient;
  clock: Clock;
  log: Logger;
  /** The runs namespace. */
  namespace: string;
  stores: Pick<Stores, 'lock' | 'state' | 'releaseLock'>;
  /** For tests. */
  lockGraceMs?: number | undefined;
  chunkGraceMs?: number | undefined;
}

/** Clears away what processes left that ended before they could do it themselves. */
export class StateSweep {
  readonly #options: StateSweepOptions;

  constructor(options: StateSweepOptions) {
    this.#options = options;
  }

  /**
   * Breaks locks whose run is over or gone, once none of its pods is left. The locks of runs that are
   * not over belong to the run controller, which proves that their pods are gone.
   *
   * @returns names of the runs whose locks were broken
   */
  async sweepLocks(): Promise<string[]> {
    const { stores, log } = this.#options;
    const broken: string[] = [];
    for (const lock of await stores.lock.listHeld()) {
      const { run } = lock.holder;
      if (!(await this.#isAbandoned(lock))) continue;
      if (!(await stores.releaseLock(lock.requestUid, run))) continue;
      log.warn('broke the state lock of a run that is over', { run });
      broken.push(run);
    }
    return broken;
  }

  /**
   * Deletes chunks that no index names.
   *
   * @returns their names
   */
  async sweepChunks(): Promise<string[]> {
    const { client, namespace, clock, log, chunkGraceMs = CHUNK_GRACE_MS } = this.#options;
    const chunks = await client.list(RESOURCE_TYPES.secrets, {
      namespace,
      labelSelector: `${LABELS.component}=${COMPONENTS.stateChunk}`,
      metadataOnly: true,
    });
    const due = chunks.filter(({ metadata }) => {
      const age = clock.now().getTime() - Date.parse(metadata.creationTimestamp ?? '');
      return age >= chunkGraceMs;
    });
    const removed: string[] = [];
    for (const [requestUid, candidates] of groupByRequest(due)) {
      const named = await this.#listNamed(requestUid);
      for (const { metadata } of candidates.filter((chunk) => !named.has(chunk.metadata.name))) {
        await client.delete(RESOURCE_TYPES.secrets, metadata, { uid: metadata.uid });
        removed.push(metadata.name);
      }
    }
    if (removed.length > 0) log.info('removed chunks of no state', { count: removed.length });
    return removed;
  }

  async #isAbandoned({ holder, since }: HeldLock): Promise<boolean> {
    const { client, namespace, clock, lockGraceMs = LOCK_GRACE_MS } = this.#options;
    if (clock.now().getTime() - Date.parse(since) < lockGraceMs) return false;
    const key = { namespace, name: holder.run };
    const run = await client.get<ResourceRun>(RESOURCE_RUNS, key);
    const status = findCondition(run?.status?.conditions, RUN_CONDITION)?.status;
    if (run !== undefined && status !== 'True' && status !== 'False') return false;
    // Its Job first: without it no pod can come any more.
    if ((await client.get(RESOURCE_TYPES.jobs, key)) !== undefined) return false;
    const pods = await client.list<KubeObject & { status?: { phase?: string } }>(
      RESOURCE_TYPES.pods,
      { namespace, labelSelector: `${LABELS.run}=${holder.run}` },
    );
    return pods.every(({ status: pod }) => pod?.phase === 'Succeeded' || pod?.phase === 'Failed');
  }

  async #listNamed(requestUid: string): Promise<Set<string>> {
    const { versions } = await this.#options.stores.state.readIndex(requestUid);
    const names = versions.flatMap((version) =>
      Array.from({ length: version.chunks }, (_, chunk) =>
        stateChunkName(requestUid, version, chunk),
      ),
    );
    return new Set(names);
  }
}

function groupByRequest(chunks: readonly KubeObject[]): Map<string, KubeObject[]> {
  const groups = new Map<string, KubeObject[]>();
  for (const chunk of chunks) {
    const requestUid = chunk.metadata.labels?.[LABELS.requestUid] ?? '';
    groups.set(requestUid, [...(groups.get(requestUid) ?? []), chunk]);
  }
  return groups;
}
