import type { PlanRecord } from './plan-record.ts';

/** Why a saved plan may not be applied. */
export type PlanProblem =
  | 'PlanMissing'
  | 'PlanAltered'
  | 'OtherRequest'
  | 'OtherInputs'
  | 'OtherClass'
  | 'PlanExpired'
  | 'StateMoved'
  | 'ProvidersChanged'
  | 'WorldMoved';

/** What each means to a person. */
export const PLAN_PROBLEMS: Readonly<Record<PlanProblem, string>> = {
  PlanMissing: 'The plan that was approved is not there any more.',
  PlanAltered: 'The plan that was approved was altered where it is stored.',
  OtherRequest: 'The plan that was approved was made for another request.',
  OtherInputs: 'The plan that was approved was made for other parameters.',
  OtherClass: 'The plan that was approved was made with another revision of the class.',
  PlanExpired: 'The plan that was approved has expired.',
  StateMoved: 'The state has changed since the plan was made.',
  ProvidersChanged: 'The providers have changed since the plan was made.',
  WorldMoved: 'What is there has changed since the plan was made.',
};

/** What a plan has to fit at the moment in which it is to be applied. */
export interface PlanQuestion {
  request: { namespace: string; name: string };
  inputsDigest: string;
  classRevision: string;
  /** Version of the state now. */
  stateVersion: number;
  /** How long a plan may be used, in milliseconds; Infinity when the class sets no limit. */
  lifetimeMs: number;
  now: Date;
}

/**
 * Whether a saved plan is still the plan for what is asked, pure.
 *
 * @param plan undefined when it is gone, `altered` when it is not what it was
 * @returns undefined if it is
 */
export function judgePlan(
  plan: PlanRecord | 'altered' | undefined,
  question: PlanQuestion,
): PlanProblem | undefined {
  if (plan === undefined) return 'PlanMissing';
  if (plan === 'altered') return 'PlanAltered';
  const { namespace, name } = question.request;
  if (plan.request.namespace !== namespace || plan.request.name !== name) return 'OtherRequest';
  if (plan.classRevision !== question.classRevision) return 'OtherClass';
  if (plan.inputsDigest !== question.inputsDigest) return 'OtherInputs';
  if (Date.parse(plan.createdAt) + question.lifetimeMs <= question.now.getTime()) {
    return 'PlanExpired';
  }
  return plan.stateVersion === question.stateVersion ? undefined : 'StateMoved';
}
