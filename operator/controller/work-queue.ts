import { backoffDelay, type BackoffLimits } from '../../lib/backoff.ts';
import { DelayHeap } from './delay-heap.ts';
import { KeyQueue } from './key-queue.ts';

/** `low`: only when nothing else is to do, such as a periodic look at everything. */
export type Priority = 'normal' | 'low';

/** The backoff of client-go's work queues. */
export const DEFAULT_BACKOFF: Readonly<BackoffLimits> = { baseMs: 5, maxMs: 1_000_000 };

/** Settings of a {@link WorkQueue}. */
export interface WorkQueueOptions {
  backoff: Readonly<BackoffLimits>;
  random: () => number;
}

/**
 * Which key to work on next. It has no timers and no clock of its own: moments are passed in.
 *
 * A key is in one of these states; adding it once more never makes it run twice at once:
 *
 *     idle ──add──▶ queued ──take──▶ active ──done──▶ idle
 *       │             ▲                │add
 *       └─addAt─▶ delayed              ▼
 *                     ▲              dirty ──done──▶ queued
 *                     └── retry after a failure
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #queued: Readonly<Record<Priority, KeyQueue>> = {
    normal: new KeyQueue(),
    low: new KeyQueue(),
  };
  readonly #delayed = new DelayHeap();
  readonly #active = new Set<string>();
  readonly #dirty = new Map<string, Priority>();
  readonly #failures = new Map<string, number>();

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Adds a key at the end; one that is active is queued again when it is done. */
  add(key: string, priority: Priority = 'normal'): void {
    if (this.#active.has(key)) {
      if (this.#dirty.get(key) !== 'normal') this.#dirty.set(key, priority);
      return;
    }
    if (this.#queued.normal.has(key)) return;
    if (priority === 'normal') this.#queued.low.delete(key);
    this.#queued[priority].add(key);
  }

  /** Adds a key at a later moment; of several moments the earliest holds. */
  addAt(key: string, dueAt: number): void {
    this.#delayed.set(key, dueAt);
  }

  /**
   * Adds a key once more after a failure, later with each failure in a row.
   *
   * @param minimumMs the least delay, such as a server's Retry-After
   * @returns the delay in milliseconds
   */
  retry(key: string, now: number, minimumMs = 0): number {
    const failures = this.failures(key) + 1;
    this.#failures.set(key, failures);
    const { backoff, random } = this.#options;
    const delay = Math.max(minimumMs, backoffDelay(failures, backoff, random()));
    this.addAt(key, now + delay);
    return delay;
  }

  /** Ends the row of failures of a key. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** How often the key failed in a row. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /**
   * Takes the next key, which is active until {@link done}. A moment that was set for it is
   * dropped: the visit that begins now decides anew.
   */
  take(now: number): string | undefined {
    for (
      let key = this.#delayed.takeDue(now);
      key !== undefined;
      key = this.#delayed.takeDue(now)
    ) {
      this.add(key);
    }
    const key = this.#queued.normal.take() ?? this.#queued.low.take();
    if (key === undefined) return undefined;
    this.#delayed.remove(key);
    this.#active.add(key);
    return key;
  }

  /** Ends the visit of a key. */
  done(key: string): void {
    this.#active.delete(key);
    const priority = this.#dirty.get(key);
    this.#dirty.delete(key);
    if (priority) this.add(key, priority);
  }

  /** When the next delayed key is due; undefined if there is none. */
  nextDueAt(): number | undefined {
    return this.#delayed.firstDueAt();
  }

  /** Keys that could be taken now. */
  get length(): number {
    return this.#queued.normal.size + this.#queued.low.size;
  }

  /** Keys that are being worked on. */
  get activeCount(): number {
    return this.#active.size;
  }

  /** Keys that wait for a moment. */
  get delayedCount(): number {
    return this.#delayed.size;
  }
}
