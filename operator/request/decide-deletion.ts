import { ANNOTATIONS, FINALIZER } from '../../crds/constants.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { isPaused } from './decide-pause.ts';
import { decideDestroy } from './decide-destroy.ts';
import { recordedDeletionPolicy } from './decide-plan.ts';
import { checkCurrentRun } from './decide-run.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { lastRun, runOutcome, runSequence } from './runs.ts';

type Check = (observation: RequestObservation) => RequestDecision | undefined;

/**
 * What is to be done about a request that is being deleted.
 *
 * The finalizer goes last: after the destroy was seen to have succeeded (or nothing was ever
 * made), and after a look that found nothing left. Wherever this is interrupted it goes on from
 * the same place, because leftovers go in the order of their making: the Apply runs, which say
 * that something was made, before the Destroy run, which says that it is gone.
 */
const CHECKS: readonly Check[] = [
  isNotOurs,
  (observation) =>
    checkCurrentRun(observation, (current) => isPaused(current) ?? decideDestroy(current)),
  hasUnfinishedRun,
  isNothingLeft,
  isPaused,
  isProtected,
  isRetained,
];

/** Decides about a request that is being deleted, pure. */
export function decideDeletion(observation: RequestObservation): RequestDecision {
  for (const check of CHECKS) {
    const decision = check(observation);
    if (decision) return decision;
  }
  return decideDestroy(observation);
}

function isNotOurs({ request }: RequestObservation): RequestDecision | undefined {
  return request.metadata.finalizers?.includes(FINALIZER) ? undefined : { kind: 'ignore' };
}

/** A run that the status does not know, after a status was lost: never two at once. */
function hasUnfinishedRun({ runs }: RequestObservation): RequestDecision | undefined {
  const run = runs.find((candidate) => runOutcome(candidate) === 'unfinished');
  return run && { kind: 'await-run', action: run.spec.action, run };
}

function isNothingLeft(observation: RequestObservation): RequestDecision | undefined {
  if (!isReleasable(observation)) return undefined;
  const { leftovers } = observation;
  return leftovers.length > 0
    ? { kind: 'delete-leftovers', leftovers }
    : { kind: 'remove-finalizer' };
}

/** Whether nothing is left to destroy: never made, destroyed since, or kept by its policy. */
export function isReleasable({ request, runs }: RequestObservation): boolean {
  if (request.status?.applied !== undefined || request.status?.run !== undefined) return false;
  if (runs.some((run) => runOutcome(run) === 'unfinished')) return false;
  const made = lastRun(runs, 'Apply');
  return (
    made === undefined || isDestroyedSince(made, runs) || recordedDeletionPolicy(made) === 'Retain'
  );
}

function isDestroyedSince(made: ResourceRun, runs: readonly ResourceRun[]): boolean {
  return runs.some(
    (run) =>
      run.spec.action === 'Destroy' &&
      runOutcome(run) === 'succeeded' &&
      runSequence(run) > runSequence(made),
  );
}

function isProtected({ request }: RequestObservation): RequestDecision | undefined {
  return request.metadata.annotations?.[ANNOTATIONS.deletionProtection] === 'true'
    ? { kind: 'protected' }
    : undefined;
}

function isRetained({ runs }: RequestObservation): RequestDecision | undefined {
  const made = lastRun(runs, 'Apply');
  return made !== undefined && recordedDeletionPolicy(made) === 'Retain'
    ? { kind: 'retain' }
    : undefined;
}
