import type { Failure } from '../../crds/failure.ts';
import { needsDeletionApproval, wantsDeletionPreview } from '../../crds/preview.ts';
import { decideDeletionApproval, type ApprovalVerdict } from './decide-approval.ts';
import { fillDestroyPreview } from './decide-destroy-preview.ts';
import { currentDeletion, planDestroy } from './decide-plan.ts';
import { outdated, refuseOutdated, type Wait } from './decide-shown-plan.ts';
import { isRetryDue } from './decide-retry.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { isRunAskedFor, lastRun, runOutcome } from './runs.ts';

/** Something is applied, and the run that says how is gone: only a person can help. */
const RECORD_LOST: Failure = {
  type: 'Internal',
  message: 'The record of what was applied is gone, so it cannot be destroyed by itself.',
};
const UNKNOWN: Failure = { type: 'Internal', message: 'The last destroy failed.' };
const NO_PLAN = 'The approval is bound to no plan, and the class wants one.';

/**
 * Destroys what the last Apply run made, or tried to make: where the class says so, only what somebody
 * has approved, and exactly that.
 */
export function decideDestroy(observation: RequestObservation): RequestDecision {
  const made = lastRun(observation.runs, 'Apply');
  if (made === undefined) return { kind: 'destroy-failed', failure: RECORD_LOST };
  const failure = standingFailure(observation);
  if (failure !== undefined) return { kind: 'destroy-failed', failure };
  const verdict = deletionVerdict(observation);
  const refusal = refuse(observation, verdict);
  if (refusal !== undefined) return fillDestroyPreview(observation, made, refusal);
  const approval = verdict.kind === 'approved' ? verdict.claims : undefined;
  const run = planDestroy(observation, made, {
    planDigest: approval?.plan,
    isRetry: isAutomaticRetry(observation),
  });
  return { kind: 'intend-run', run, approval };
}

/** The last destroy failed, and it is not time to try again. One that found its plan outdated did nothing. */
function standingFailure({ request, runs, now }: RequestObservation): Failure | undefined {
  const last = lastRun(runs, 'Destroy');
  if (last === undefined || runOutcome(last) !== 'failed') return undefined;
  if (last.status?.failure?.type === 'PlanOutdated' || isRunAskedFor(request, last)) {
    return undefined;
  }
  const { failure = UNKNOWN } = request.status ?? {};
  return isRetryDue(failure, now) ? undefined : failure;
}

function isAutomaticRetry({ request, runs, now }: RequestObservation): boolean {
  const last = lastRun(runs, 'Destroy');
  if (last === undefined || runOutcome(last) !== 'failed') return false;
  return !isRunAskedFor(request, last) && isRetryDue(request.status?.failure, now);
}

/** Whether somebody has to agree, and has. */
function deletionVerdict(observation: RequestObservation): ApprovalVerdict {
  const { approval: evidence, deletionRule: rule, request, now } = observation;
  if (rule === undefined || !needsDeletionApproval({ approval: rule })) {
    return { kind: 'not-needed' };
  }
  const { namespace = '', name, uid = '' } = request.metadata;
  return decideDeletionApproval({
    ...{ evidence, rule, now, request: `${namespace}/${name}`, requestUid: uid },
    inputsDigest: currentDeletion(observation),
  });
}

/** Why nothing is destroyed yet. */
function refuse(observation: RequestObservation, verdict: ApprovalVerdict): Wait | undefined {
  if (verdict.kind === 'refused') return { ...verdict, kind: 'wait' };
  if (verdict.kind === 'not-needed') return undefined;
  const { deletionRule: approval } = observation;
  const { plan } = verdict.claims;
  if (plan === undefined) {
    const isMissed = approval !== undefined && wantsDeletionPreview({ approval });
    return isMissed ? outdated(NO_PLAN) : undefined;
  }
  return refuseOutdated(observation, plan, 'Destroy');
}
