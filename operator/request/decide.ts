import { FINALIZER } from '../../crds/constants.ts';
import { wantsPreview } from '../../crds/preview.ts';
import { formatFaults } from '../class/fault.ts';
import { nextRepair } from './checks.ts';
import { decideDeletion } from './decide-deletion.ts';
import { currentInputs, planApply } from './decide-plan.ts';
import { isRetryDue } from './decide-retry.ts';
import { isPaused } from './decide-pause.ts';
import { fillPreview, findPreview, refusePlan } from './decide-preview.ts';
import { fillRepair } from './decide-repair.ts';
import { fillCheck } from './decide-check.ts';
import { checkCurrentRun } from './decide-run.ts';
import { isAnotherPlanApproved, isToBeAppliedAgain } from './decide-standing.ts';
import { upgradeVerdict, verdictOn } from './decide-verdict.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { isRunAskedFor, lastRun, runOutcome } from './runs.ts';
import { appliedClassDigest, isInSync } from './sync.ts';

type Check = (observation: RequestObservation) => RequestDecision | undefined;

/**
 * What is to be done about a request; the first check that has an answer gives it.
 *
 * Runs in progress come first, since whatever they did must be recorded. What runs keeps its
 * credentials whatever else is wrong. Everything from `isClassMissing` on stands between the
 * request and its next run.
 */
const CHECKS: readonly Check[] = [
  hasNoFinalizer,
  (observation) => (isChecking(observation) ? hasStaleCredentials(observation) : undefined),
  (observation) =>
    checkCurrentRun(observation, (current) => isPaused(current) ?? decideNextRun(current)),
  isPaused,
  hasStaleCredentials,
  decideNextRun,
];

/** The checks before a run that apply when nothing is in progress. */
const NEXT_RUN_CHECKS: readonly Check[] = [
  isToBeAppliedAgain,
  isSettled,
  isClassUnusable,
  hasFailed,
  decideStart,
];

/** Decides about a request, pure. */
export function decideRequest(observation: RequestObservation): RequestDecision {
  if (observation.request.metadata.deletionTimestamp !== undefined) {
    return decideDeletion(observation);
  }
  return firstAnswer(CHECKS, observation);
}

function decideNextRun(observation: RequestObservation): RequestDecision {
  return fillCheck(observation, decideWithoutChecks(observation));
}

/** What would be decided if there were no checks for drift. */
export function decideWithoutChecks(observation: RequestObservation): RequestDecision {
  return fillRepair(observation, fillPreview(observation, decideWork(observation)));
}

/** What would be decided if there were no plans to show either. */
export function decideWork(observation: RequestObservation): RequestDecision {
  return isPaused(observation) ?? firstAnswer(NEXT_RUN_CHECKS, observation);
}

function firstAnswer(checks: readonly Check[], observation: RequestObservation): RequestDecision {
  for (const check of checks) {
    const decision = check(observation);
    if (decision) return decision;
  }
  return { kind: 'ignore' };
}

function hasNoFinalizer({ request }: RequestObservation): RequestDecision | undefined {
  return request.metadata.finalizers?.includes(FINALIZER) ? undefined : { kind: 'add-finalizer' };
}

/** A check changes nothing, so nothing has to wait for it but another run. */
function isChecking({ request }: RequestObservation): boolean {
  return request.status?.run?.action === 'Check';
}

function hasStaleCredentials({ credentials }: RequestObservation): RequestDecision | undefined {
  if (credentials.kind !== 'stale') return undefined;
  return { kind: 'write-credentials', desired: credentials.desired, actual: credentials.actual };
}

/**
 * What was approved is what runs. A run on top of that is made only if a newer class was approved,
 * or another plan of the same, or somebody asked for a run, and only under an approval that still holds; otherwise asking
 * changes nothing.
 */
function isSettled(observation: RequestObservation): RequestDecision | undefined {
  if (!isInSync(observation)) return undefined;
  if (upgradeVerdict(observation)?.kind === 'approved') return undefined;
  const { request, runs, resourceClass } = observation;
  const isAsked = isRunAskedFor(request, lastRun(runs));
  if (resourceClass.kind !== 'ready') return { kind: 'idle' };
  if (wantsPreview(resourceClass.spec)) {
    const isToBeDone =
      isUpgradePlanned(observation, resourceClass, isAsked) ||
      isAnotherPlanApproved(observation, resourceClass);
    return isToBeDone ? undefined : { kind: 'idle' };
  }
  if (!isAsked) return { kind: 'idle' };
  return verdictOn(observation, resourceClass).kind === 'refused' ? { kind: 'idle' } : undefined;
}

/** Somebody asks what moving to the newer class would do, or has asked. */
function isUpgradePlanned(
  observation: RequestObservation,
  resourceClass: Extract<RequestObservation['resourceClass'], { kind: 'ready' }>,
  isAsked: boolean,
): boolean {
  if (resourceClass.digest === appliedClassDigest(observation)) return false;
  return isAsked || findPreview(observation, resourceClass) !== undefined;
}

function isClassUnusable({
  request,
  resourceClass,
}: RequestObservation): RequestDecision | undefined {
  switch (resourceClass.kind) {
    case 'missing':
      return {
        kind: 'wait',
        reason: 'ClassNotFound',
        message: `There is no class "${request.spec.className}".`,
      };
    case 'unchecked':
      return { kind: 'await-class' };
    case 'invalid':
      return { kind: 'wait', reason: 'ClassInvalid', message: resourceClass.message };
    case 'ready':
      return undefined;
  }
}

/** The last run failed with exactly what is asked for now, and it is not time to try again. */
function hasFailed(observation: RequestObservation): RequestDecision | undefined {
  const { request, resourceClass, runs, now } = observation;
  const last = lastRun(runs, 'Apply');
  const failure = request.status?.failure;
  if (last === undefined || failure === undefined || resourceClass.kind !== 'ready') {
    return undefined;
  }
  if (last.spec.inputsDigest !== currentInputs(observation, resourceClass.digest)) return undefined;
  if (runOutcome(last) !== 'failed' || isRunAskedFor(request, last)) return undefined;
  return isRetryDue(failure, now) ? undefined : { kind: 'failed', failure };
}

function decideStart(observation: RequestObservation): RequestDecision {
  const { resourceClass } = observation;
  if (resourceClass.kind !== 'ready') return { kind: 'await-class' };
  const { parameters } = resourceClass;
  if (!parameters.valid) {
    return { kind: 'wait', reason: 'ParametersInvalid', message: formatFaults(parameters.faults) };
  }
  const verdict = verdictOn(observation, resourceClass);
  if (verdict.kind === 'refused') return { ...verdict, kind: 'wait' };
  const refusal = refusePlan(observation, resourceClass, verdict);
  if (refusal !== undefined) return refusal;
  const claims = verdict.kind === 'approved' ? verdict.claims : undefined;
  if (verdict.kind === 'approved' && !verdict.isBound) {
    return { kind: 'bind-approval', claims: verdict.claims };
  }
  const run = planApply(observation, resourceClass, {
    parameters: parameters.parameters,
    planDigest: claims?.plan,
    isRetry: isAutomaticRetry(observation, resourceClass.digest),
  });
  return { kind: 'intend-run', run: { ...run, repair: repairOf(observation) }, approval: claims };
}

/** Which repair in a row a run is that applies what runs already. */
function repairOf(observation: RequestObservation): number | undefined {
  return isInSync(observation) ? nextRepair(observation)?.attempt : undefined;
}

/** The same once more, by itself; anything that a person started has a retry of its own. */
function isAutomaticRetry(observation: RequestObservation, classDigest: string): boolean {
  const last = lastRun(observation.runs, 'Apply');
  return (
    last?.spec.inputsDigest === currentInputs(observation, classDigest) &&
    !isRunAskedFor(observation.request, last) &&
    isRetryDue(observation.request.status?.failure, observation.now)
  );
}
