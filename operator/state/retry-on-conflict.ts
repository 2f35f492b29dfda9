import { setTimeout as sleep } from 'node:timers/promises';
import { backoffDelay } from '../../lib/backoff.ts';
import { AlreadyExistsError, ConflictError } from '../../lib/kube/errors.ts';

/** Writers that meet each other at one object at the same moment are few, but some write on end. */
const ATTEMPTS = 10;
/** Apart, so that two that met do not meet again, and so that a slow one gets its turn. */
const PAUSE = { baseMs: 2, maxMs: 250 };

/**
 * Repeats an attempt (read, look, write) while somebody else was faster.
 *
 * @throws {ConflictError} {@link AlreadyExistsError} after some attempts, and whatever else it throws
 */
export async function retryOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      const met = error instanceof ConflictError || error instanceof AlreadyExistsError;
      if (!met || failures >= ATTEMPTS) throw error;
    }
    await sleep(backoffDelay(failures, PAUSE, Math.random()));
  }
}
