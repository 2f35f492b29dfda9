import { wantsDeletionPreview } from '../../crds/preview.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { currentDeletion, planDestroyPreview } from './decide-plan.ts';
import { isUnfit, showPlan, type Wait } from './decide-shown-plan.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { runSequence, sortRuns } from './runs.ts';

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
  const { deletionRule: approval } = observation;
  if (approval === undefined || !wantsDeletionPreview({ approval })) return resting;
  return showPlan(observation, resting, {
    plan: findDestroyPreview(observation, made),
    rule: { approval },
    intend: () => intend(observation, made),
  });
}

/**
 * The newest plan of destroying what is there; undefined where something was done since, so that it
 * is spent, and where it is known not to fit.
 */
function findDestroyPreview(
  observation: RequestObservation,
  made: ResourceRun,
): ResourceRun | undefined {
  const { runs } = observation;
  const inputs = currentDeletion(observation);
  const plan = sortRuns(runs).findLast(
    ({ spec }) =>
      spec.action === 'Plan' &&
      spec.inputsDigest === inputs &&
      spec.classRevision === made.spec.classRevision,
  );
  if (plan === undefined || isUnfit(observation, plan)) return undefined;
  const isSpent = runs.some(
    (run) => ['Apply', 'Destroy'].includes(run.spec.action) && runSequence(run) > runSequence(plan),
  );
  return isSpent ? undefined : plan;
}

function intend(observation: RequestObservation, made: ResourceRun): RequestDecision {
  const run = planDestroyPreview(observation, made);
  return { kind: 'intend-run', run, approval: undefined };
}
