import { setTimeout as sleep } from 'node:timers/promises';

/** The thing waited for did not come in time. */
export class WaitTimeout extends Error {
  constructor(what: string, seconds: number, lastSeen: string) {
    super(`${what} did not happen within ${seconds} s; last seen: ${lastSeen}`);
    this.name = 'WaitTimeout';
  }
}

/** One look: either the value waited for, or what was seen instead. */
export type Look<T> = { done: T } | { seen: string };

/** How long to wait, and what ends the wait early. */
export interface WaitOptions {
  what: string;
  timeoutSeconds: number;
  signal: AbortSignal;
}

/**
 * Looks every 100 ms until the value is there.
 *
 * @throws {WaitTimeout} when it does not come; whatever `look` throws goes through
 */
export async function poll<T>(look: () => Promise<Look<T>>, options: WaitOptions): Promise<T> {
  const deadline = Date.now() + options.timeoutSeconds * 1000;
  for (;;) {
    const result = await look();
    if ('done' in result) return result.done;
    if (Date.now() > deadline) {
      throw new WaitTimeout(options.what, options.timeoutSeconds, result.seen);
    }
    await sleep(100, undefined, { signal: options.signal });
  }
}
