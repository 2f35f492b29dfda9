import { ANNOTATIONS } from '../../crds/constants.ts';
import type { Failure } from '../../crds/failure.ts';
import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { PLAN_PROBLEMS } from '../state/judge-plan.ts';
import { isRetryDue, judgeFailure } from './decide-retry.ts';
import type { RequestDecision } from './decision.ts';
import { describeChanges } from './describe-changes.ts';
import type { RequestObservation } from './observation.ts';
import { isMadeAnew, planEnd } from './plan-lifetime.ts';
import { isRunAskedFor, lastRun, runOutcome } from './runs.ts';

/** A decision that waits for somebody or something. */
export type Wait = Extract<RequestDecision, { kind: 'wait' }>;

/** What people are asked about: an apply, or a destruction. */
export interface ShownPlan {
  /** The newest that is of use; undefined where there is none. */
  plan: ResourceRun | undefined;
  /** The rules of the class, which say how long it may be used. */
  rule: Pick<ResourceClassSpec, 'approval'>;
  /** Has one made. */
  intend: () => RequestDecision;
}

/**
 * Shows a plan to whoever is to approve it, or has one made. One that failed is shown with the
 * engine's error, and made again by the rule of that failure; one that has expired is made again as
 * long as somebody may be waiting.
 *
 * @param resting what is decided without plans
 */
export function showPlan(
  observation: RequestObservation,
  resting: Wait,
  { plan, rule, intend }: ShownPlan,
): RequestDecision {
  if (plan === undefined) return intend();
  if (runOutcome(plan) === 'failed') return afterFailedPlan(observation, plan) ?? intend();
  const end = planEnd(plan, rule);
  if (end !== undefined && end <= observation.now) {
    return afterExpiredPlan(observation, resting, plan) ?? intend();
  }
  return { ...resting, message: `${resting.message} ${describePlan(plan)}`, plan };
}

/** Whether a plan is known not to fit any more: it is not shown to anybody again. */
export function isUnfit({ approvedPlan }: RequestObservation, plan: ResourceRun): boolean {
  return approvedPlan?.problem !== undefined && plan.status?.planDigest === approvedPlan.planDigest;
}

/**
 * Why the plan of an approval starts nothing: because a run found out, which knows more, or known
 * from looking at it.
 *
 * @param action of the run that applies such a plan
 */
export function refuseOutdated(
  { approvedPlan, runs }: RequestObservation,
  planDigest: string,
  action: 'Apply' | 'Destroy',
): Wait | undefined {
  const last = lastRun(runs, action);
  const failure = last?.spec.planDigest === planDigest ? last.status?.failure : undefined;
  if (failure?.type === 'PlanOutdated') return outdated(failure.message);
  const problem = approvedPlan?.problem;
  return problem === undefined ? undefined : outdated(PLAN_PROBLEMS[problem]);
}

/** An approval that is not for what would be done any more. */
export function outdated(message: string): Wait {
  return { kind: 'wait', reason: 'ApprovalOutdated', message };
}

/** @returns undefined when it is to be made again */
function afterFailedPlan(observation: RequestObservation, plan: ResourceRun): Wait | undefined {
  const failure = judgeFailedPlan(observation, plan);
  const { request, now } = observation;
  if (isRetryDue(failure, now) || isRunAskedFor(request, plan)) return undefined;
  const message = `The plan failed: ${failure.type}: ${failure.message}`;
  return { kind: 'wait', reason: 'PlanFailed', message, failure };
}

/** From the end of the run, so that every look comes to the same time. */
function judgeFailedPlan({ runs }: RequestObservation, plan: ResourceRun): Failure {
  const now = new Date(plan.status?.finishedAt ?? 0);
  return judgeFailure(plan, runs, { now, chance: 0.5 });
}

/** @returns undefined when it is to be made again */
function afterExpiredPlan(
  { request }: RequestObservation,
  resting: Wait,
  plan: ResourceRun,
): Wait | undefined {
  if (isMadeAnew(plan) || isRunAskedFor(request, plan)) return undefined;
  const way = `set the annotation ${ANNOTATIONS.reconcileAt} to have it made again.`;
  return { ...resting, message: `${resting.message} The plan has expired; ${way}` };
}

function describePlan({ metadata, status }: ResourceRun): string {
  return `The plan of run ${metadata.name}: ${describeChanges(status?.changes)}.`;
}
