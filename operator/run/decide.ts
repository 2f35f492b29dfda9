import { findCondition, RUN_CONDITION } from '../../crds/condition.ts';
import type { Failure } from '../../crds/failure.ts';
import { isAheadOfResource } from '../../crds/plan-order.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { isWithdrawn } from '../request/checks.ts';
import { isJobOf } from './build-job.ts';
import {
  classifyUnreportedEnd,
  findStartProblem,
  hasJobEnded,
  hasPodEnded,
  POD_REFUSED,
} from './classify-end.ts';
import type { RunObservation, StartProblem } from './observation.ts';

/** How long a runner may take to leave by itself after its report. */
const LEAVE_MS = 10_000;

/** What is to be done about a ResourceRun. */
export type RunDecision =
  | { kind: 'none' }
  /** Removes the Job, its Secret and the plan that is spent. */
  | { kind: 'clean-up' }
  /** The report is there; the pod is on its way out. */
  | { kind: 'await-exit' }
  | { kind: 'queue' }
  | { kind: 'start-job' }
  /** The Job is there; the status does not say so yet. */
  | { kind: 'adopt-job' }
  | { kind: 'await-report'; problem: StartProblem | undefined }
  /** Ended without a report: nothing of it is left that could write state. */
  | { kind: 'fail'; failure: Failure; mayHoldLock: boolean };

type Check = (observation: RunObservation) => RunDecision | undefined;

/** What a run reported always holds; what Kubernetes says only counts when it cannot report any more. */
const CHECKS: readonly Check[] = [
  isBeingDeleted,
  isFinished,
  isNotWantedAnyMore,
  isJobForeign,
  hasLostJob,
  isWaitingForItsTurn,
  hasNoJob,
  hasEndedUnreported,
  isJobUnrecorded,
];

/** Decides about a run, pure; the first check that has an answer gives it. */
export function decideRun(observation: RunObservation): RunDecision {
  for (const check of CHECKS) {
    const decision = check(observation);
    if (decision) return decision;
  }
  const problem = observation.refusal ?? findStartProblem(observation.pods[0]);
  return { kind: 'await-report', problem };
}

/** Its Job and Secret are owned, and go with it. */
function isBeingDeleted({ run }: RunObservation): RunDecision | undefined {
  return run.metadata.deletionTimestamp === undefined ? undefined : { kind: 'none' };
}

function isFinished({ run, job, pods, now }: RunObservation): RunDecision | undefined {
  const condition = findCondition(run.status?.conditions, RUN_CONDITION);
  if (condition === undefined || condition.status === 'Unknown') return undefined;
  if (job === undefined || !isJobOf(job, run)) return { kind: 'none' };
  const leavesBy = Date.parse(run.status?.finishedAt ?? '') + LEAVE_MS;
  return pods.every(hasPodEnded) || !(now.getTime() < leavesBy)
    ? { kind: 'clean-up' }
    : { kind: 'await-exit' };
}

/** Nothing was begun, and whoever asked is leaving. */
function isNotWantedAnyMore({ run, request, job }: RunObservation): RunDecision | undefined {
  if (job !== undefined || run.status?.jobName !== undefined) return undefined;
  if (isWithdrawn(run)) {
    return fail({ type: 'Interrupted', message: 'Something else came first.' });
  }
  const isAboutItsEnd = run.spec.action === 'Destroy' || run.spec.destroys === true;
  if (request === 'present' || isAboutItsEnd) return undefined;
  // The api orders plans of what nobody has approved yet; it deletes those that nobody wants.
  if (isAheadOfResource(run)) return undefined;
  return fail({ type: 'Interrupted', message: 'The request was deleted before the run began.' });
}

function isJobForeign({ run, job }: RunObservation): RunDecision | undefined {
  if (job === undefined || isJobOf(job, run)) return undefined;
  return fail({
    type: 'Internal',
    message: `There is a Job "${job.metadata.name}" that is not ours.`,
  });
}

/** It had a Job, which is gone. Whether its pod still writes is what counts. */
function hasLostJob({ run, job, pods }: RunObservation): RunDecision | undefined {
  if (job !== undefined || run.status?.jobName === undefined) return undefined;
  return pods.every(hasPodEnded)
    ? { kind: 'fail', failure: classifyUnreportedEnd(job, pods[0]), mayHoldLock: true }
    : { kind: 'await-report', problem: undefined };
}

function isWaitingForItsTurn({ job, isItsTurn }: RunObservation): RunDecision | undefined {
  return job === undefined && !isItsTurn ? { kind: 'queue' } : undefined;
}

function hasNoJob({ job }: RunObservation): RunDecision | undefined {
  return job === undefined ? { kind: 'start-job' } : undefined;
}

/**
 * A pod that has ended, or a Job that has ended with no pod left, can write nothing any more. A pod
 * that nobody hears from may still write, so it is waited for.
 */
function hasEndedUnreported({ run, job, pods }: RunObservation): RunDecision | undefined {
  if (job === undefined || !pods.every(hasPodEnded)) return undefined;
  if (pods.length === 0 && !hasJobEnded(job)) return undefined;
  const refused = pods.length === 0 ? wasRefused(run) : undefined;
  if (refused !== undefined) return { kind: 'fail', failure: refused, mayHoldLock: true };
  return { kind: 'fail', failure: classifyUnreportedEnd(job, pods[0]), mayHoldLock: true };
}

/** Its time was up before the API server took a pod: that is nobody's slow work. */
function wasRefused({ status }: ResourceRun): Failure | undefined {
  const condition = findCondition(status?.conditions, RUN_CONDITION);
  return condition?.reason === POD_REFUSED
    ? { type: 'Quota', message: condition.message }
    : undefined;
}

function isJobUnrecorded({ run, job }: RunObservation): RunDecision | undefined {
  return job !== undefined && run.status?.jobName === undefined ? { kind: 'adopt-job' } : undefined;
}

function fail(failure: Failure): RunDecision {
  return { kind: 'fail', failure, mayHoldLock: false };
}
