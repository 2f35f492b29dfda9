import type { Failure, FailureType } from '../../crds/failure.ts';
import type { ResourceRequestStatus } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';

/** Failures that may pass by themselves; every other kind would only fail again. */
const RETRIED: readonly FailureType[] = ['Transient', 'Interrupted', 'StateLocked'];
/** The wait before the automatic retry, and up to as much again. */
const RETRY_DELAY_MS = 5_000;

/**
 * The failure that a run ended with, and when it is tried again by itself.
 *
 * A failure keeps its `retryAt` while its one automatic retry runs, so a second failure finds it
 * there and gets none.
 *
 * @param run a run that failed
 * @param status the status that names it as the run in progress
 * @param chance from 0 to 1
 */
export function judgeFailure(
  run: ResourceRun,
  status: ResourceRequestStatus | undefined,
  { now, chance }: { now: Date; chance: number },
): Failure {
  const failure = run.status?.failure ?? {
    type: 'Internal' as const,
    message: 'The run failed without a reason.',
  };
  const { type, message } = failure;
  if (!RETRIED.includes(type) || status?.failure?.retryAt !== undefined) return { type, message };
  const retryAt = new Date(now.getTime() + RETRY_DELAY_MS * (1 + chance)).toISOString();
  return { type, message, retryAt };
}

/** Whether the automatic retry is due now. */
export function isRetryDue(failure: Failure | undefined, now: Date): boolean {
  return failure?.retryAt !== undefined && now.getTime() >= Date.parse(failure.retryAt);
}
