import { ANNOTATIONS } from '../../crds/constants.ts';
import { wantsPreview } from '../../crds/preview.ts';
import type { Failure } from '../../crds/failure.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { PLAN_PROBLEMS } from '../state/judge-plan.ts';
import type { ApprovalVerdict } from './decide-approval.ts';
import { currentInputs, planPreview } from './decide-plan.ts';
import { isRetryDue, judgeFailure } from './decide-retry.ts';
import type { RequestDecision, WaitingReason } from './decision.ts';
import { describeChanges } from './describe-changes.ts';
import type { ClassView, RequestObservation } from './observation.ts';
import { isMadeAnew, planEnd } from './plan-lifetime.ts';
import { isRunAskedFor, lastRun, runOutcome, runSequence, sortRuns } from './runs.ts';

type ReadyClass = Extract<ClassView, { kind: 'ready' }>;
type Wait = Extract<RequestDecision, { kind: 'wait' }>;

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
  const plan = findPreview(observation, resourceClass);
  if (plan === undefined) return intendPreview(observation, resourceClass, drift);
  if (runOutcome(plan) === 'failed') {
    return afterFailedPlan(observation, plan) ?? intendPreview(observation, resourceClass, drift);
  }
  const end = planEnd(plan, resourceClass.spec);
  if (end !== undefined && end <= observation.now) {
    return afterExpiredPlan(observation, resourceClass, { resting, plan });
  }
  return { ...resting, message: `${resting.message} ${describePlan(plan)}`, plan };
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
  const isOvertaken =
    plan !== undefined && applied !== undefined && runSequence(applied) > runSequence(plan);
  return isOvertaken || isUnfit(observation, plan) ? undefined : plan;
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
  if (plan !== undefined) return refuseOutdated(observation, plan);
  return wantsPreview(resourceClass.spec)
    ? outdated('The approval is bound to no plan, and the class wants one.')
    : undefined;
}

/** Because a run found out, which knows more, or known from looking at it. */
function refuseOutdated(observation: RequestObservation, planDigest: string): Wait | undefined {
  const { approvedPlan, runs } = observation;
  const last = lastRun(runs, 'Apply');
  const failure = last?.spec.planDigest === planDigest ? last.status?.failure : undefined;
  if (failure?.type === 'PlanOutdated') return outdated(failure.message);
  const problem = approvedPlan?.problem;
  return problem === undefined ? undefined : outdated(PLAN_PROBLEMS[problem]);
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

/** The plan that was approved is known not to fit: it is not shown to anybody again. */
function isUnfit({ approvedPlan }: RequestObservation, plan: ResourceRun | undefined): boolean {
  return (
    approvedPlan?.problem !== undefined && plan?.status?.planDigest === approvedPlan.planDigest
  );
}

/**
 * What is decided when a plan could not be made.
 *
 * @returns undefined when it is to be made again
 */
export function afterFailedPlan(
  observation: RequestObservation,
  plan: ResourceRun,
): RequestDecision | undefined {
  const failure = judgeFailedPlan(observation, plan);
  const { request, now } = observation;
  if (isRetryDue(failure, now) || isRunAskedFor(request, plan)) return undefined;
  const message = `The plan failed: ${failure.type}: ${failure.message}`;
  return { kind: 'wait', reason: 'PlanFailed', message, failure };
}

/** Nobody could approve it any more, so another one is shown as long as somebody may be waiting. */
function afterExpiredPlan(
  observation: RequestObservation,
  resourceClass: ReadyClass,
  { resting, plan }: { resting: Wait; plan: ResourceRun },
): RequestDecision {
  if (isMadeAnew(plan) || isRunAskedFor(observation.request, plan)) {
    return intendPreview(observation, resourceClass);
  }
  const way = `set the annotation ${ANNOTATIONS.reconcileAt} to have it made again.`;
  return { ...resting, message: `${resting.message} The plan has expired; ${way}` };
}

/** From the end of the run, so that every look comes to the same time. */
function judgeFailedPlan({ runs }: RequestObservation, plan: ResourceRun): Failure {
  const now = new Date(plan.status?.finishedAt ?? 0);
  return judgeFailure(plan, runs, { now, chance: 0.5 });
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

/** What a plan would do, for a message. */
export function describePlan({ metadata, status }: ResourceRun): string {
  return `The plan of run ${metadata.name}: ${describeChanges(status?.changes)}.`;
}

function outdated(message: string): Wait {
  return { kind: 'wait', reason: 'ApprovalOutdated', message };
}
