import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';

/** Settings of {@link waitForDatabase}. */
export interface WaitOptions {
  timeoutMs: number;
  /** Ends the wait early. */
  signal?: AbortSignal;
  /** Told of every attempt that failed. */
  onFailure?: (error: unknown) => void;
}

/**
 * Waits until the database answers; tries again after 0.1 s, 0.2 s, … at most 5 s.
 *
 * @throws the last error when the time is over
 */
export async function waitForDatabase(database: Knex, options: WaitOptions): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  for (let delay = 100; ; delay = Math.min(delay * 2, 5_000)) {
    try {
      await database.raw('select 1');
      return;
    } catch (error) {
      options.onFailure?.(error);
      if (Date.now() + delay > deadline) throw error;
      await sleep(delay, undefined, options.signal ? { signal: options.signal } : {});
    }
  }
}
