import { LABELS } from '../../crds/constants.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { keyOf } from '../../lib/kube/objects.ts';
import { runOutcome } from '../request/runs.ts';
import { pickNextRuns } from './fair-share.ts';

/** Whose turn it is: a limit on runs at work, shared fairly among organizations. */
export class RunTurns {
  readonly #listRuns: () => ResourceRun[];
  readonly #limit: number;
  /** Runs whose Job is being made, before any cache or status says so. */
  readonly #starting = new Set<string>();

  constructor(options: { listRuns: () => ResourceRun[]; limit: number }) {
    this.#listRuns = options.listRuns;
    this.#limit = options.limit;
  }

  /** The keys of the runs that may start now. */
  next(): string[] {
    const unfinished = this.#listRuns().filter((run) => runOutcome(run) === 'unfinished');
    const contenders = unfinished.map((run) => ({
      key: keyOf(run),
      organization: run.metadata.labels?.[LABELS.organization] ?? run.spec.requestRef.namespace,
      createdAt: run.metadata.creationTimestamp ?? '',
      isBackground: run.spec.action === 'Check',
      isActive: run.status?.jobName !== undefined || this.#starting.has(keyOf(run)),
    }));
    return pickNextRuns(contenders, this.#limit);
  }

  /**
   * Takes the place of a run while its Job is being made. Nothing is awaited between the look and the
   * taking, so no two runs take the same place.
   *
   * @returns what `start` gives, or undefined when it is not its turn any more
   */
  async hold<T>(key: string, start: () => Promise<T>): Promise<T | undefined> {
    if (!this.next().includes(key)) return undefined;
    this.#starting.add(key);
    try {
      return await start();
    } finally {
      this.#starting.delete(key);
    }
  }
}
