import type { BackoffLimits } from '../../lib/backoff.ts';
import type { Clock } from '../../lib/clock.ts';
import { toError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { outcomeOfError, outcomeOfResult, type Outcome, type ReconcileResult } from './outcome.ts';
import { WaitTimes } from './wait-times.ts';
import { DEFAULT_BACKOFF, type Priority, WorkQueue } from './work-queue.ts';

/** From so many failures in a row on, somebody should look. */
const FAILURES_BEFORE_ALARM = 10;
/** Longer timers are made of several. */
const TIMER_LIMIT_MS = 60 * 60_000;

/** How much there is to do. */
export interface Load {
  /** Keys that could be visited now. */
  queued: number;
  /** Keys that are being visited. */
  active: number;
  /** Keys that wait for a moment. */
  delayed: number;
}

/** A visit that has ended. */
export interface Visit {
  controller: string;
  /** From when it could have begun. */
  waitedMs: number;
  tookMs: number;
  result: Outcome['kind'];
}

/** Settings of a {@link Controller}. */
export interface ControllerOptions {
  /** In log lines. */
  name: string;
  /** How many keys are visited at once. */
  workers: number;
  /**
   * Looks at everything about a key again and does what is needed. Throws a TerminalError when
   * trying again cannot help, a WaitingError to look again later; anything else is tried again
   * with backoff. Never sleeps.
   */
  reconcile: (key: string) => Promise<ReconcileResult>;
  log: Logger;
  clock: Clock;
  /** Hears of every visit when it has ended; for metrics. */
  onVisit?: ((visit: Visit) => void) | undefined;
  backoff?: Readonly<BackoffLimits> | undefined;
  /** For tests; `Math.random` otherwise. */
  random?: (() => number) | undefined;
}

/** The generic loop: keys in, visits out, never two visits of one key at once. */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #log: Logger;
  readonly #queue: WorkQueue;
  readonly #waits = new WaitTimes();
  readonly #visits = new Set<Promise<void>>();
  #state: 'new' | 'running' | 'stopped' = 'new';
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#log = options.log.child({ controller: options.name });
    this.#queue = new WorkQueue({
      backoff: options.backoff ?? DEFAULT_BACKOFF,
      random: options.random ?? Math.random,
    });
  }

  /** Asks for a visit. Before {@link start} it is only noted, after {@link stop} ignored. */
  enqueue(key: string, priority: Priority = 'normal'): void {
    this.#queue.add(key, priority);
    this.#waits.asked(key, this.#now());
    this.#pump();
  }

  /** Asks for a visit later; of several such wishes the earliest holds. */
  enqueueAfter(key: string, delayMs: number): void {
    this.#addAfter(key, delayMs);
    this.#pump();
  }

  /** Begins to visit; call it when the informers have synced. */
  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    this.#pump();
  }

  /** Begins no more visits, and resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    clearTimeout(this.#timer);
    await Promise.all(this.#visits);
  }

  /** How much there is to do; for metrics and for tests. */
  get load(): Load {
    const { length: queued, activeCount: active, delayedCount: delayed } = this.#queue;
    return { queued, active, delayed };
  }

  #pump(): void {
    if (this.#state !== 'running') return;
    while (this.#queue.activeCount < this.#options.workers) {
      const key = this.#queue.take(this.#now());
      if (key === undefined) break;
      const visit = this.#visit(key).finally(() => this.#visits.delete(visit));
      this.#visits.add(visit);
    }
    this.#setTimer();
  }

  /** Wakes when the next delayed key is due. */
  #setTimer(): void {
    clearTimeout(this.#timer);
    const dueAt = this.#queue.nextDueAt();
    // With all workers busy, the end of a visit wakes us anyway.
    if (dueAt === undefined || this.#queue.activeCount >= this.#options.workers) return;
    const delay = Math.min(TIMER_LIMIT_MS, Math.max(1, dueAt - this.#now()));
    this.#timer = setTimeout(() => this.#pump(), delay);
  }

  /** Never rejects. */
  async #visit(key: string): Promise<void> {
    const beganAt = this.#now();
    const waitedMs = this.#waits.taken(key, beganAt);
    let outcome: Outcome;
    try {
      outcome = outcomeOfResult(await this.#options.reconcile(key));
    } catch (error) {
      outcome = outcomeOfError(toError(error));
    }
    this.#settle(key, outcome);
    this.#queue.done(key);
    const { name: controller, onVisit } = this.#options;
    const tookMs = this.#now() - beganAt;
    onVisit?.({ controller, waitedMs, tookMs, result: outcome.kind });
    this.#pump();
  }

  #settle(key: string, outcome: Outcome): void {
    if (outcome.kind === 'failed') {
      this.#fail(key, outcome.error, outcome.minimumMs);
      return;
    }
    if (outcome.kind === 'conflict') {
      const delayMs = this.#retryAfter(key);
      this.#log.info('conflict, trying again', { key, delayMs, error: outcome.error });
      return;
    }
    this.#queue.forget(key);
    if (outcome.kind === 'requeue') this.#addAfter(key, outcome.afterMs);
    if (outcome.kind === 'terminal') {
      this.#log.warn('gave up until something changes', { key, error: outcome.error });
    }
  }

  #fail(key: string, error: Error, minimumMs: number): void {
    const delayMs = this.#retryAfter(key, minimumMs);
    const failures = this.#queue.failures(key);
    const level = failures < FAILURES_BEFORE_ALARM ? 'warn' : 'error';
    this.#log[level]('visit failed, trying again', { key, failures, delayMs, error });
  }

  #addAfter(key: string, delayMs: number): void {
    const dueAt = this.#now() + delayMs;
    this.#queue.addAt(key, dueAt);
    this.#waits.asked(key, dueAt);
  }

  /** @returns the delay in milliseconds */
  #retryAfter(key: string, minimumMs = 0): number {
    const now = this.#now();
    const delayMs = Math.round(this.#queue.retry(key, now, minimumMs));
    this.#waits.asked(key, now + delayMs);
    return delayMs;
  }

  #now(): number {
    return this.#options.clock.now().getTime();
  }
}
