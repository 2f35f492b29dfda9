import { AlreadyExistsError, ConflictError } from '../../lib/kube/errors.ts';

/** Writers that meet each other at one object at the same moment are few. */
const ATTEMPTS = 5;

/**
 * Repeats an attempt (read, look, write) while somebody else was faster.
 *
 * @throws {ConflictError} {@link AlreadyExistsError} after some attempts, and whatever else it throws
 */
export async function retryOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      const met = error instanceof ConflictError || error instanceof AlreadyExistsError;
      if (!met || left <= 1) throw error;
    }
  }
}
