import type { ResourceRun } from '../../crds/resource-run.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import { currentInputs, planReapply } from './decide-plan.ts';
import { isRetryDue } from './decide-retry.ts';
import { upgradeVerdict } from './decide-verdict.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { dueRotation, runRotation } from './rotation.ts';
import { isRunAskedFor, lastRun, runOutcome } from './runs.ts';
import { appliedRun } from './sync.ts';

/**
 * Whether what stands is to be applied once more as it was approved: for new secret values, or
 * because doing so has failed.
 *
 * It is nothing new, so it takes no approval that still holds and no class that is still there: the
 * proof that it was approved is the record of the run that made it, where no tenant can write. A
 * change that was asked for since, or tried since, is none of this.
 */
export function isToBeAppliedAgain(observation: RequestObservation): RequestDecision | undefined {
  const standing = findStanding(observation);
  const last = lastRun(observation.runs, 'Apply');
  if (standing === undefined || last === undefined || !isSameWork(standing, last)) return undefined;
  if (upgradeVerdict(observation)?.kind === 'approved') return undefined;
  return isRotationDue(observation, last)
    ? applyAgain(observation, standing, false)
    : afterFailure(observation, standing, last);
}

/** Whether a rotation is asked for that no run has been made for. */
function isRotationDue({ request, now }: RequestObservation, last: ResourceRun): boolean {
  const rotation = dueRotation(request, now);
  return rotation !== undefined && rotation !== runRotation(last);
}

/** By the rules for every failure; the runs of a rotation are all given the same values. */
function afterFailure(
  observation: RequestObservation,
  standing: ResourceRun,
  last: ResourceRun,
): RequestDecision | undefined {
  const { request, now } = observation;
  const { failure } = request.status ?? {};
  if (failure === undefined || runOutcome(last) !== 'failed') return undefined;
  if (isRunAskedFor(request, last)) return applyAgain(observation, standing, false);
  return isRetryDue(failure, now)
    ? applyAgain(observation, standing, true)
    : { kind: 'failed', failure };
}

/** The run that made what stands, if that is what the request asks for now. */
function findStanding(observation: RequestObservation): ResourceRun | undefined {
  const run = appliedRun(observation.request, observation.runs);
  const classDigest = run?.metadata.annotations?.[OPERATOR_ANNOTATIONS.classDigest];
  if (run === undefined || classDigest === undefined) return undefined;
  if (run.spec.action !== 'Apply' || runOutcome(run) !== 'succeeded') return undefined;
  return run.spec.inputsDigest === currentInputs(observation, classDigest) ? run : undefined;
}

function isSameWork(standing: ResourceRun, last: ResourceRun): boolean {
  return (
    standing.spec.inputsDigest === last.spec.inputsDigest &&
    standing.spec.classRevision === last.spec.classRevision
  );
}

function applyAgain(
  observation: RequestObservation,
  standing: ResourceRun,
  isRetry: boolean,
): RequestDecision {
  const run = planReapply(observation, standing, isRetry);
  return { kind: 'intend-run', run, approval: undefined };
}
