import { LABELS } from '../../crds/constants.ts';
import type { ResourceClass } from '../../crds/resource-class.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { RESOURCE_CLASSES, RESOURCE_REQUESTS, RESOURCE_RUNS } from '../../crds/resource-types.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { ConflictError, NotFoundError } from '../../lib/kube/errors.ts';
import type { ControllerRevision } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import type { Logger } from '../../lib/logger.ts';
import { decideRevision, findUsedRevisions, type RevisionUsers } from './decide-revision.ts';
import { CLASS_REVISION, markUnused, unmarkUnused } from './revision.ts';

/** Longer than any visit, any queue and any watch that lags. */
const GRACE_MS = 60 * 60_000;

/** What {@link RevisionSweep} needs. */
export interface RevisionSweepOptions {
  client: KubeClient;
  clock: Clock;
  log: Logger;
  /** The runs namespace. */
  namespace: string;
  /** How long nobody must have used a revision; for tests. */
  graceMs?: number | undefined;
}

/**
 * Removes class revisions that nobody uses any more.
 *
 * It marks first and removes an hour later, only what still carries that very mark, and only after
 * a look at the API server itself. A class that comes back to an old revision takes the mark off,
 * so of the two the one that comes second fails and looks again.
 */
export class RevisionSweep {
  readonly #options: RevisionSweepOptions;

  constructor(options: RevisionSweepOptions) {
    this.#options = options;
  }

  /**
   * Marks, unmarks and removes.
   *
   * @param seen the users as they are in memory
   * @returns names of the revisions that were removed
   */
  async sweep(seen: RevisionUsers): Promise<string[]> {
    const { client, clock, namespace, graceMs = GRACE_MS } = this.#options;
    const revisions = await client.list<ControllerRevision>(RESOURCE_TYPES.controllerRevisions, {
      namespace,
      labelSelector: `${LABELS.component}=${CLASS_REVISION}`,
    });
    const used = findUsedRevisions(seen);
    const now = clock.now();
    const due: ControllerRevision[] = [];
    for (const revision of revisions) {
      const decision = decideRevision(revision, used, { now, graceMs });
      if (decision === 'remove') due.push(revision);
      if (decision === 'mark') await unlessChanged(() => markUnused(client, revision, now));
      if (decision === 'unmark') await unlessChanged(() => unmarkUnused(client, revision));
    }
    return due.length === 0 ? [] : this.#remove(due);
  }

  async #remove(due: readonly ControllerRevision[]): Promise<string[]> {
    const { client, log } = this.#options;
    const used = findUsedRevisions(await this.#readUsers());
    const removed: string[] = [];
    for (const { metadata } of due.filter((revision) => !used.has(revision.metadata.name))) {
      const { name, uid, resourceVersion } = metadata;
      const isGone = await unlessChanged(() =>
        client.delete(RESOURCE_TYPES.controllerRevisions, metadata, { uid, resourceVersion }),
      );
      if (!isGone) continue;
      removed.push(name);
      log.info('removed a class revision that nobody uses', { revision: name });
    }
    return removed;
  }

  async #readUsers(): Promise<RevisionUsers> {
    const { client, namespace } = this.#options;
    const [classes, requests, runs] = await Promise.all([
      client.list<ResourceClass>(RESOURCE_CLASSES),
      client.list<ResourceRequest>(RESOURCE_REQUESTS),
      client.list<ResourceRun>(RESOURCE_RUNS, { namespace }),
    ]);
    return { classes, requests, runs };
  }
}

/** What has changed since it was read is looked at again the next time. */
async function unlessChanged<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof ConflictError || error instanceof NotFoundError) return undefined;
    throw error;
  }
}
