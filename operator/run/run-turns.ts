import { LABELS } from '../../crds/constants.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { keyOf } from '../../lib/kube/objects.ts';
import { runOutcome } from '../request/runs.ts';
import { pickNextRuns, type Contender } from './fair-share.ts';

/** Whose turn it is: a limit on runs at work, shared fairly among organizations. */
export class RunTurns {
  readonly #listRuns: () => ResourceRun[];
  readonly #limit: number;
  /** Runs whose Job is being made, before any cache or status says so. */
  readonly #starting = new Set<string>();
  /**
   * The last turn of each organization, counted. A new process knows none, and gives each a turn by
   * the age of its runs first.
   */
  readonly #lastTurns = new Map<string, number>();
  #turn = 0;

  constructor(options: { listRuns: () => ResourceRun[]; limit: number }) {
    this.#listRuns = options.listRuns;
    this.#limit = options.limit;
  }

  /** The keys of the runs that may start now. */
  next(): string[] {
    const unfinished = this.#listRuns().filter((run) => runOutcome(run) === 'unfinished');
    return pickNextRuns(
      unfinished.map((run) => this.#enter(run)),
      this.#limit,
    );
  }

  /**
   * Takes the place of a run while its Job is being made. Nothing is awaited between the look and the
   * taking, so no two runs take the same place.
   *
   * @returns what `start` gives, or undefined when it is not its turn any more
   */
  async hold<T>(run: ResourceRun, start: () => Promise<T>): Promise<T | undefined> {
    const key = keyOf(run);
    if (!this.next().includes(key)) return undefined;
    this.#starting.add(key);
    this.#lastTurns.set(organizationOf(run), ++this.#turn);
    try {
      return await start();
    } finally {
      this.#starting.delete(key);
    }
  }

  #enter(run: ResourceRun): Contender {
    const organization = organizationOf(run);
    return {
      key: keyOf(run),
      organization,
      createdAt: run.metadata.creationTimestamp ?? '',
      isBackground: run.spec.action === 'Check',
      isActive: run.status?.jobName !== undefined || this.#starting.has(keyOf(run)),
      lastTurn: this.#lastTurns.get(organization) ?? 0,
    };
  }
}

function organizationOf({ metadata, spec }: ResourceRun): string {
  return metadata.labels?.[LABELS.organization] ?? spec.requestRef.namespace;
}
