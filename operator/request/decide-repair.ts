import { wantsPreview } from '../../crds/preview.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { digest } from '../../lib/canonical-json.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import { driftOf, nextRepair, type Repair } from './checks.ts';
import { planReapply } from './decide-plan.ts';
import { fillPreview, findPreview, intendPreview } from './decide-preview.ts';
import type { RequestDecision } from './decision.ts';
import { isEmpty } from './describe-changes.ts';
import type { ClassView, RequestObservation } from './observation.ts';
import { planEnd } from './plan-lifetime.ts';
import { runOutcome, runSequence } from './runs.ts';
import { appliedClassDigest } from './sync.ts';

type ReadyClass = Extract<ClassView, { kind: 'ready' }>;

/** While nobody has said yes to putting it right. */
export const REPAIR_WAITS = {
  kind: 'wait',
  reason: 'AwaitingApproval',
  message: 'What has drifted is put right when that is approved.',
} as const;

/**
 * When nothing else is to do, drift that was found is put right where the class says so. Nothing is
 * put right while a change of the request waits: what was approved before may not be what is wanted.
 */
export function fillRepair(
  observation: RequestObservation,
  resting: RequestDecision,
): RequestDecision {
  return resting.kind === 'idle' ? (decideRepair(observation) ?? resting) : resting;
}

/**
 * Without plans to show, what was approved is applied again. Otherwise people see first what that
 * would do, since putting something right may replace it, and exactly that plan is applied.
 */
function decideRepair(observation: RequestObservation): RequestDecision | undefined {
  const repair = nextRepair(observation);
  if (repair === undefined || repair.dueAt > observation.now) return undefined;
  const { resourceClass } = observation;
  if (resourceClass.kind === 'ready' && wantsPreview(resourceClass.spec)) {
    return askForRepair(observation, resourceClass, repair);
  }
  const run = { ...planReapply(observation, repair.standing, false), repair: repair.attempt };
  return { kind: 'intend-run', run, approval: undefined };
}

/**
 * A plan holds as long as the drift is the same. One that has expired, or would do nothing, is made
 * again after the next check and no sooner: nobody may be left who wants it.
 */
function askForRepair(
  observation: RequestObservation,
  resourceClass: ReadyClass,
  { check }: Repair,
): RequestDecision | undefined {
  // The plan of moving to the newer class puts right what has drifted as well.
  if (resourceClass.digest !== appliedClassDigest(observation)) return undefined;
  const drift = digest(driftOf(check));
  const plan = findPreview(observation, resourceClass);
  if (plan === undefined || plan.metadata.annotations?.[OPERATOR_ANNOTATIONS.drift] !== drift) {
    return intendPreview(observation, resourceClass, drift);
  }
  if (runOutcome(plan) !== 'succeeded' || !isSpent(observation, resourceClass, plan)) {
    return fillPreview(observation, REPAIR_WAITS, drift);
  }
  return runSequence(check) > runSequence(plan)
    ? intendPreview(observation, resourceClass, drift)
    : undefined;
}

/** Whether there is nothing in a plan that somebody could approve. */
function isSpent({ now }: RequestObservation, { spec }: ReadyClass, plan: ResourceRun): boolean {
  const end = planEnd(plan, spec);
  return isEmpty(plan) || (end !== undefined && end <= now);
}
