import type { ResourceRun } from '../../crds/resource-run.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import { currentInputs, planReapply } from './decide-plan.ts';
import { isRetryDue } from './decide-retry.ts';
import { isApplied } from './claimed-plan.ts';
import { findPreview } from './decide-preview.ts';
import { isEmpty } from './describe-changes.ts';
import { upgradeVerdict, verdictOn } from './decide-verdict.ts';
import type { RequestDecision } from './decision.ts';
import type { ClassView, RequestObservation } from './observation.ts';
import { dueRotation, runRotation } from './rotation.ts';
import { isRunAskedFor, lastRun, runOutcome } from './runs.ts';
import { appliedRun } from './sync.ts';

type ReadyClass = Extract<ClassView, { kind: 'ready' }>;

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

/**
 * Whether somebody has approved a plan of what stands that was not applied yet: what it does puts
 * right what has drifted. One that was begun and does not fit any more is over; one that nobody
 * began is refused, so that its approvers hear of it.
 */
export function isAnotherPlanApproved(
  observation: RequestObservation,
  resourceClass: ReadyClass,
): boolean {
  const verdict = verdictOn(observation, resourceClass);
  const { approvedPlan, runs } = observation;
  if (verdict.kind !== 'approved' || approvedPlan === undefined) return false;
  const { planDigest, problem } = approvedPlan;
  if (isApplied(runs, planDigest) || isNothingLeft(observation, resourceClass)) return false;
  const isFoundOutdated = lastRun(runs, 'Apply')?.spec.planDigest === planDigest;
  return problem === undefined || !verdict.isBound || isFoundOutdated;
}

/** The plan that was made after the approved one was found outdated has nothing to do. */
function isNothingLeft(observation: RequestObservation, resourceClass: ReadyClass): boolean {
  const plan = findPreview(observation, resourceClass);
  if (plan === undefined || runOutcome(plan) !== 'succeeded' || !isEmpty(plan)) return false;
  return plan.status?.planDigest !== observation.approvedPlan?.planDigest;
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
  const isAsked = isRunAskedFor(request, last);
  if (!isAsked && !isRetryDue(failure, now)) return { kind: 'failed', failure };
  // A plan that failed half way is spent: what is left of it is planned, and asked about, anew.
  return last.spec.planDigest === undefined
    ? applyAgain(observation, standing, !isAsked)
    : undefined;
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
