import { LABELS } from '../../crds/constants.ts';
import { RESOURCE_RUNS } from '../../crds/resource-types.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES, type ResourceType } from '../../lib/kube/resource-types.ts';
import type { Logger } from '../../lib/logger.ts';
import { COMPONENTS, outputsName, stateIndexName } from './names.ts';

/** Longer than any order takes to become a run. */
const GRACE_MS = 60 * 60_000;

/** What a plan needs besides what goes with its run. */
const KEPT: readonly { type: ResourceType; component: string }[] = [
  { type: RESOURCE_TYPES.leases, component: COMPONENTS.stateLock },
  { type: RESOURCE_TYPES.secrets, component: COMPONENTS.generated },
];

/** What {@link LeftoverSweep} needs. */
export interface LeftoverSweepOptions {
  client: KubeClient;
  clock: Clock;
  log: Logger;
  /** The runs namespace. */
  namespace: string;
  /** From memory, to spare the API server a look at everything that is in order. */
  hasRuns: (requestUid: string) => boolean;
  /** For tests. */
  graceMs?: number | undefined;
}

interface Leftover {
  type: ResourceType;
  object: KubeObject;
}

/**
 * Clears away the lock and the secret values of plans that nobody approved, or whose request became
 * a resource with a uid of its own. Nothing is touched of what has a run, a state or outputs.
 */
export class LeftoverSweep {
  readonly #options: LeftoverSweepOptions;

  constructor(options: LeftoverSweepOptions) {
    this.#options = options;
  }

  /** @returns the names of what was deleted */
  async sweep(): Promise<string[]> {
    const { client, log, hasRuns } = this.#options;
    const removed: string[] = [];
    for (const [requestUid, leftovers] of await this.#listByRequest()) {
      if (requestUid === '' || hasRuns(requestUid) || (await this.#isInUse(requestUid))) continue;
      for (const { type, object } of leftovers) {
        await client.delete(type, object.metadata, { uid: object.metadata.uid });
        removed.push(object.metadata.name);
      }
    }
    if (removed.length > 0) log.info('removed what plans left', { count: removed.length });
    return removed;
  }

  async #listByRequest(): Promise<Map<string, Leftover[]>> {
    const { client, namespace } = this.#options;
    const groups = new Map<string, Leftover[]>();
    for (const { type, component } of KEPT) {
      const labelSelector = `${LABELS.component}=${component}`;
      const found = await client.list(type, { namespace, labelSelector, metadataOnly: true });
      for (const object of found.filter((candidate) => this.#isDue(candidate))) {
        const requestUid = object.metadata.labels?.[LABELS.requestUid] ?? '';
        groups.set(requestUid, [...(groups.get(requestUid) ?? []), { type, object }]);
      }
    }
    return groups;
  }

  #isDue({ metadata }: KubeObject): boolean {
    const { clock, graceMs = GRACE_MS } = this.#options;
    return clock.now().getTime() - Date.parse(metadata.creationTimestamp ?? '') >= graceMs;
  }

  /** By the API server: memory may not know a run yet. */
  async #isInUse(requestUid: string): Promise<boolean> {
    const { client, namespace } = this.#options;
    const labelSelector = `${LABELS.requestUid}=${requestUid}`;
    const runs = await client.list(RESOURCE_RUNS, { namespace, labelSelector, metadataOnly: true });
    if (runs.length > 0) return true;
    const names = [stateIndexName(requestUid), outputsName(requestUid)];
    const kept = await Promise.all(
      names.map((name) => client.get(RESOURCE_TYPES.secrets, { namespace, name })),
    );
    return kept.some((secret) => secret !== undefined);
  }
}
