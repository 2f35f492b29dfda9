import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../lib/logger.ts';
import { toError } from '../lib/errors.ts';

/** Settings of {@link retryUntilDone}. */
export interface RetryOptions {
  /** What is being tried, for the log. */
  what: string;
  log: Logger;
  /** Ends the attempts. */
  signal: AbortSignal;
}

/**
 * Tries until it works: again after 0.2 s, 0.4 s, … at most 10 s.
 *
 * @throws {DOMException} AbortError when the signal ends the attempts
 */
export async function retryUntilDone<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let delay = 200; ; delay = Math.min(delay * 2, 10_000)) {
    options.signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      options.log.warn(`${options.what}: trying again`, { error: toError(error), delay_ms: delay });
    }
    await sleep(delay, undefined, { signal: options.signal });
  }
}
