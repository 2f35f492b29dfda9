import type { Failure } from '../../crds/failure.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { backoffDelay } from '../../lib/backoff.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import { RETRY_RULES } from './retry-rules.ts';
import { runOutcome, sortRuns } from './runs.ts';

/**
 * The failure that a run ended with, and when it is tried again by itself: by the rule of its class,
 * later after each failure in a row, and not at all after too many.
 *
 * @param run a run that failed
 * @param runs all runs of its request
 * @param chance from 0 to 1
 */
export function judgeFailure(
  run: ResourceRun,
  runs: readonly ResourceRun[],
  { now, chance }: { now: Date; chance: number },
): Failure {
  const failure = run.status?.failure ?? {
    type: 'Internal' as const,
    message: 'The run failed without a reason.',
  };
  const { type, message } = failure;
  const rule = RETRY_RULES[type];
  const failures = countFailuresInRow(run, runs);
  if (rule === undefined || failures >= rule.limit) return { type, message };
  const delayMs = backoffDelay(failures, rule, chance);
  return { type, message, retryAt: new Date(now.getTime() + delayMs).toISOString() };
}

/** Whether the automatic retry is due now. */
export function isRetryDue(failure: Failure | undefined, now: Date): boolean {
  return failure?.retryAt !== undefined && now.getTime() >= Date.parse(failure.retryAt);
}

/**
 * How often in a row the same work has failed, this run included. A success ends the row, and so
 * does a person who asks for another run.
 */
export function countFailuresInRow(run: ResourceRun, runs: readonly ResourceRun[]): number {
  const earlier = sortRuns(runs).filter(
    ({ metadata, spec }) => spec.action === run.spec.action && metadata.name !== run.metadata.name,
  );
  const end = earlier.findLastIndex(
    (other) => runOutcome(other) !== 'failed' || !isSame(other, run),
  );
  return earlier.length - end;
}

function isSame(a: ResourceRun, b: ResourceRun): boolean {
  return (
    a.spec.inputsDigest === b.spec.inputsDigest &&
    [OPERATOR_ANNOTATIONS.answers, OPERATOR_ANNOTATIONS.rotation].every(
      (name) => a.metadata.annotations?.[name] === b.metadata.annotations?.[name],
    )
  );
}
