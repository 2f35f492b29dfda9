import {
  BadRequestError,
  ConflictError,
  InvalidError,
  KubernetesApiError,
  RequestTooLargeError,
} from '../../../lib/kube/errors.ts';
import type { MirroredFailure } from '../mirror/mirrored-status.ts';
import { ForeignNamespaceError, ForeignResourceError } from './relay-errors.ts';

/** What becomes of a task that failed. */
export type RelayVerdict =
  /** It can never succeed as it is: the request shows the failure. */
  | { kind: 'refused'; failure: MirroredFailure; alarm: boolean }
  /** It may succeed later. */
  | { kind: 'later'; delayMs: number };

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 60_000;
const LONGEST_DELETION_PAUSE_MS = 15_000;

/**
 * Judges an error of a relay task by its class.
 *
 * @param error what was thrown
 * @param attempts how often the task was tried
 * @param random between 0 and 1, so that many tasks do not come back at the same moment
 */
export function judgeRelayError(error: unknown, attempts: number, random: number): RelayVerdict {
  if (error instanceof ForeignNamespaceError || error instanceof ForeignResourceError) {
    return refused('Conflict', error.message, true);
  }
  if (error instanceof ConflictError && error.hasCause('FieldManagerConflict')) {
    const fields = error.causes.map((cause) => cause.field).join(', ');
    return refused('Conflict', `another writer has set ${fields} of the resource`, true);
  }
  if (isRefusal(error)) return refused('Configuration', error.message, false);
  const wished = error instanceof KubernetesApiError ? error.retryAfterMs : undefined;
  return { kind: 'later', delayMs: wished ?? backoffMs(attempts, random) };
}

/**
 * How long until a deletion that was under way is looked at again: about as long as it has taken
 * so far, up to a quarter of a minute.
 *
 * @param attempts how often it was looked at
 */
export function deletionPauseMs(attempts: number): number {
  return Math.min(1000 * 2 ** Math.min(attempts - 1, 10), LONGEST_DELETION_PAUSE_MS);
}

function refused(type: string, message: string, alarm: boolean): RelayVerdict {
  return { kind: 'refused', failure: { type, message }, alarm };
}

function isRefusal(error: unknown): error is KubernetesApiError {
  return (
    error instanceof InvalidError ||
    error instanceof BadRequestError ||
    error instanceof RequestTooLargeError
  );
}

function backoffMs(attempts: number, random: number): number {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** Math.min(attempts - 1, 20), LONGEST_DELAY_MS);
  return delay * (0.5 + random / 2);
}
