import { ANNOTATIONS } from '../../crds/constants.ts';
import { wantsDeletionPreview } from '../../crds/preview.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { currentDeletion, planDestroyPreview } from './decide-plan.ts';
import { afterFailedPlan, describePlan } from './decide-preview.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { isMadeAnew, planEnd } from './plan-lifetime.ts';
import { isRunAskedFor, runOutcome, runSequence, sortRuns } from './runs.ts';

type Wait = Extract<RequestDecision, { kind: 'wait' }>;

/**
 * Makes a plan of the destruction for whoever is to approve it, and says what it would do.
 *
 * @param made the run whose work would be destroyed
 * @param resting what is decided without plans
 */
export function fillDestroyPreview(
  observation: RequestObservation,
  made: ResourceRun,
  resting: Wait,
): RequestDecision {
  const { deletionRule: approval, now } = observation;
  if (approval === undefined || !wantsDeletionPreview({ approval })) return resting;
  const plan = findDestroyPreview(observation, made);
  if (plan === undefined) return intend(observation, made);
  if (runOutcome(plan) === 'failed') {
    return afterFailedPlan(observation, plan) ?? intend(observation, made);
  }
  const end = planEnd(plan, { approval });
  if (end !== undefined && end <= now) {
    return afterExpiredPlan(observation, { made, plan, resting });
  }
  return { ...resting, message: `${resting.message} ${describePlan(plan)}`, plan };
}

/**
 * The newest plan of destroying what is there; undefined where something was done since, so that it
 * is spent, and where it is known not to fit.
 */
function findDestroyPreview(
  observation: RequestObservation,
  made: ResourceRun,
): ResourceRun | undefined {
  const { runs, approvedPlan } = observation;
  const inputs = currentDeletion(observation);
  const plan = sortRuns(runs).findLast(
    ({ spec }) =>
      spec.action === 'Plan' &&
      spec.inputsDigest === inputs &&
      spec.classRevision === made.spec.classRevision,
  );
  if (plan === undefined) return undefined;
  const isSpent = runs.some(
    (run) => ['Apply', 'Destroy'].includes(run.spec.action) && runSequence(run) > runSequence(plan),
  );
  const isUnfit =
    approvedPlan?.problem !== undefined && plan.status?.planDigest === approvedPlan.planDigest;
  return isSpent || isUnfit ? undefined : plan;
}

/** Nobody could approve it any more, so another one is shown as long as somebody may be waiting. */
function afterExpiredPlan(
  observation: RequestObservation,
  { made, plan, resting }: { made: ResourceRun; plan: ResourceRun; resting: Wait },
): RequestDecision {
  if (isMadeAnew(plan) || isRunAskedFor(observation.request, plan)) {
    return intend(observation, made);
  }
  const way = `set the annotation ${ANNOTATIONS.reconcileAt} to have it made again.`;
  return { ...resting, message: `${resting.message} The plan has expired; ${way}` };
}

function intend(observation: RequestObservation, made: ResourceRun): RequestDecision {
  const run = planDestroyPreview(observation, made);
  return { kind: 'intend-run', run, approval: undefined };
}
