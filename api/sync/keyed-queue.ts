import { toError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 60_000;

/** Settings of a {@link KeyedQueue}. */
export interface KeyedQueueOptions {
  /** For the log. */
  name: string;
  workers: number;
  handle: (key: string) => Promise<void>;
  log: Logger;
}

/**
 * Works on keys: each at most once at a time, once more if it was added meanwhile, and again
 * later if it failed. Order does not matter, since a handler looks at everything again.
 */
export class KeyedQueue {
  readonly #options: KeyedQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #active = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #stopped = false;

  constructor(options: KeyedQueueOptions) {
    this.#options = options;
  }

  /** Puts a key in; does nothing if it waits already. */
  add(key: string): void {
    if (this.#stopped) return;
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#waiting.add(key);
    this.#fill();
  }

  /** Takes nothing more, and waits for what is being worked on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#active.values());
  }

  #fill(): void {
    for (const key of this.#waiting) {
      if (this.#active.size >= this.#options.workers) return;
      if (this.#active.has(key)) continue;
      this.#waiting.delete(key);
      this.#active.set(key, this.#work(key));
    }
  }

  async #work(key: string): Promise<void> {
    try {
      await this.#options.handle(key);
      this.#failures.delete(key);
    } catch (error) {
      this.#retryLater(key, error);
    }
    this.#active.delete(key);
    this.#fill();
  }

  #retryLater(key: string, error: unknown): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 20), LONGEST_DELAY_MS);
    const { name, log } = this.#options;
    log.warn('a key is tried again', { queue: name, key, failures, error: toError(error) });
    if (!this.#stopped) {
      this.#timers.set(
        key,
        setTimeout(() => this.add(key), delayMs),
      );
    }
  }
}
