import { wantsPreview } from '../../crds/preview.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import type { ApprovalVerdict } from './decide-approval.ts';
import { currentInputs, planPreview } from './decide-plan.ts';
import { isUnfit, outdated, refuseOutdated, showPlan, type Wait } from './decide-shown-plan.ts';
import type { RequestDecision, WaitingReason } from './decision.ts';
import type { ClassView, RequestObservation } from './observation.ts';
import { planEnd } from './plan-lifetime.ts';
import { lastRun, runSequence, sortRuns } from './runs.ts';

type ReadyClass = Extract<ClassView, { kind: 'ready' }>;

/** Waits that end with another approval, which wants to see a plan. */
const ASKING: readonly WaitingReason[] = [
  'AwaitingApproval',
  'ApprovalInvalid',
  'ApprovalExpired',
  'ApprovalOutdated',
];

/**
 * Makes a plan for whoever is to approve, and says what it would do. A plan that failed is shown
 * with the engine's error, and made again by the rule of that failure.
 *
 * @param resting what is decided without plans
 * @param drift of a plan that puts drift right: the digest of what has drifted
 */
export function fillPreview(
  observation: RequestObservation,
  resting: RequestDecision,
  drift?: string,
): RequestDecision {
  const { resourceClass } = observation;
  if (resting.kind !== 'wait' || !ASKING.includes(resting.reason)) return resting;
  if (resourceClass.kind !== 'ready' || !wantsPreview(resourceClass.spec)) return resting;
  return showPlan(observation, resting, {
    plan: findPreview(observation, resourceClass),
    rule: resourceClass.spec,
    intend: () => intendPreview(observation, resourceClass, drift),
  });
}

/**
 * The newest plan of what is asked for now; undefined where something was applied since, so that it
 * is not the plan of what is there any more.
 */
export function findPreview(
  observation: RequestObservation,
  resourceClass: ReadyClass,
): ResourceRun | undefined {
  const { runs } = observation;
  const inputs = currentInputs(observation, resourceClass.digest);
  const plan = sortRuns(runs).findLast(
    ({ spec }) =>
      spec.action === 'Plan' &&
      spec.inputsDigest === inputs &&
      spec.classRevision === resourceClass.revisionName,
  );
  const applied = lastRun(runs, 'Apply');
  if (plan === undefined || isUnfit(observation, plan)) return undefined;
  const isOvertaken = applied !== undefined && runSequence(applied) > runSequence(plan);
  return isOvertaken ? undefined : plan;
}

/**
 * Why an approval cannot start anything although it holds: it is bound to a plan that is not what
 * would be done any more, or to none where the class wants one.
 */
export function refusePlan(
  observation: RequestObservation,
  resourceClass: ReadyClass,
  verdict: ApprovalVerdict,
): Wait | undefined {
  if (verdict.kind !== 'approved') return undefined;
  const { plan } = verdict.claims;
  if (plan !== undefined) return refuseOutdated(observation, plan, 'Apply');
  return wantsPreview(resourceClass.spec)
    ? outdated('The approval is bound to no plan, and the class wants one.')
    : undefined;
}

/** When a plan that failed, or expires, is made again by itself. */
export function previewDueAt(
  { resourceClass, deletionRule }: RequestObservation,
  decision: RequestDecision,
): Date | undefined {
  if (decision.kind !== 'wait') return undefined;
  const { failure, plan } = decision;
  if (failure?.retryAt !== undefined) return new Date(failure.retryAt);
  if (plan === undefined) return undefined;
  if (deletionRule !== undefined) return planEnd(plan, { approval: deletionRule });
  return resourceClass.kind === 'ready' ? planEnd(plan, resourceClass.spec) : undefined;
}

/** Has a plan made of what the request asks for now. */
export function intendPreview(
  observation: RequestObservation,
  resourceClass: ReadyClass,
  drift?: string,
): RequestDecision {
  const { parameters } = resourceClass;
  if (!parameters.valid) return { kind: 'await-class' };
  const run = planPreview(observation, resourceClass, parameters.parameters);
  return { kind: 'intend-run', run: { ...run, drift }, approval: undefined };
}
