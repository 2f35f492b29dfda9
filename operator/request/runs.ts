import { findCondition, RUN_CONDITION } from '../../crds/condition.ts';
import { ANNOTATIONS } from '../../crds/constants.ts';
import { readPlanOrder } from '../../crds/plan-order.ts';
import type { ResourceRequest, RunAction } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';

/** Runs that are kept per request besides the one that is applied. */
const KEPT_RUNS = 10;
/** Checks that are kept per request besides the last good one. */
const KEPT_CHECKS = 3;

/** How a run stands. */
export function runOutcome(run: ResourceRun): 'unfinished' | 'succeeded' | 'failed' {
  const status = findCondition(run.status?.conditions, RUN_CONDITION)?.status;
  if (status === 'True') return 'succeeded';
  return status === 'False' ? 'failed' : 'unfinished';
}

/** Place of a run among the runs of its request; creation times are too coarse to order by. */
export function runSequence(run: ResourceRun): number {
  const sequence = Number(run.metadata.annotations?.[OPERATOR_ANNOTATIONS.sequence]);
  return Number.isInteger(sequence) ? sequence : 0;
}

/** The runs in the order in which they were made. */
export function sortRuns(runs: readonly ResourceRun[]): ResourceRun[] {
  return runs.toSorted((a, b) => runSequence(a) - runSequence(b));
}

/** The last run, or the last of an action. */
export function lastRun(runs: readonly ResourceRun[], action?: RunAction): ResourceRun | undefined {
  return sortRuns(runs).findLast((run) => action === undefined || run.spec.action === action);
}

/** Whether somebody asked for another run since this one (annotation reconcile-at). */
export function isRunAskedFor(request: ResourceRequest, last: ResourceRun | undefined): boolean {
  const asked = request.metadata.annotations?.[ANNOTATIONS.reconcileAt];
  if (asked === undefined || last === undefined) return false;
  return last.metadata.annotations?.[OPERATOR_ANNOTATIONS.answers] !== asked;
}

/**
 * Finished runs that nobody needs any more: neither among the newest, nor applied, nor current. Checks
 * are counted apart, since there are many of them and they say little.
 */
export function findPrunableRuns(
  runs: readonly ResourceRun[],
  kept: readonly (string | undefined)[],
): ResourceRun[] {
  const checks = sortRuns(runs).filter(({ spec }) => spec.action === 'Check');
  const others = sortRuns(runs).filter(({ spec }) => spec.action !== 'Check');
  const lastGood = checks.findLast((run) => runOutcome(run) === 'succeeded');
  return (
    [...others.slice(0, -KEPT_RUNS), ...checks.slice(0, -KEPT_CHECKS)]
      .filter((run) => run !== lastGood)
      // The api deletes what it ordered: its plans may wait for a decision longer than any run is kept.
      .filter((run) => readPlanOrder(run) === undefined)
      .filter((run) => runOutcome(run) !== 'unfinished' && !kept.includes(run.metadata.name))
  );
}
