import { LABELS } from '../../crds/constants.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { keyOf } from '../../lib/kube/objects.ts';
import { runOutcome } from '../request/runs.ts';
import { pickNextRuns, type Contender } from './fair-share.ts';

/** For how long one look at all runs answers for those that it has seen. */
const LOOK_MS = 100;

/** What one look at all runs has found. */
interface Look {
  at: number;
  seen: ReadonlySet<string>;
  next: ReadonlySet<string>;
}

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
  readonly #now: () => number;
  #look: Look | undefined;

  /** @param options `now` counts milliseconds; `performance.now` outside of tests */
  constructor(options: { listRuns: () => ResourceRun[]; limit: number; now?: () => number }) {
    this.#listRuns = options.listRuns;
    this.#limit = options.limit;
    this.#now = options.now ?? (() => performance.now());
  }

  /** The keys of the runs that may start now. */
  next(): string[] {
    const unfinished = this.#listRuns().filter((run) => runOutcome(run) === 'unfinished');
    const contenders = unfinished.map((run) => this.#enter(run));
    const next = pickNextRuns(contenders, this.#limit);
    const seen = new Set(contenders.map(({ key }) => key));
    this.#look = { at: this.#now(), seen, next: new Set(next) };
    return next;
  }

  /**
   * Whether it may be the turn of a run; {@link hold} says for sure. A thousand runs that wait ask one
   * after the other, and one look at all of them takes milliseconds, so the last one answers for all that it
   * has seen. Whoever makes a place free looks anew, by {@link next}.
   */
  mayBeNext(key: string): boolean {
    const look = this.#look;
    if (look === undefined || !look.seen.has(key) || this.#now() - look.at > LOOK_MS) {
      return this.next().includes(key);
    }
    return look.next.has(key);
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
