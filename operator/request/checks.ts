import type { Drift } from '../../crds/drift.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { backoffDelay } from '../../lib/backoff.ts';
import { parseDuration } from '../../lib/duration.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import { fractionOf, nextCheckAt } from './check-schedule.ts';
import type { RequestObservation } from './observation.ts';
import { runOutcome, runSequence, sortRuns } from './runs.ts';
import { appliedRun, isServing } from './sync.ts';

/** A check that failed is made again sooner than the next one would come. */
const FAILED_CHECK_MS = 15 * 60_000;
/** What drifts again right after it was put right is put right ever more seldom. */
const REPAIR_LIMITS = { baseMs: 10 * 60_000, maxMs: 24 * 60 * 60_000 };

/** What is known about drift of what stands. */
export interface DriftView {
  /** The run that made what stands. */
  standing: ResourceRun;
  /** The last check of it that has ended. */
  latest: ResourceRun | undefined;
  /** The last one that succeeded. */
  good: ResourceRun | undefined;
}

/** What the checks since the last apply have found; undefined where nothing stands. */
export function viewDrift(observation: RequestObservation): DriftView | undefined {
  const { request, runs } = observation;
  const standing = isServing(observation) ? appliedRun(request, runs) : undefined;
  if (standing?.spec.action !== 'Apply' || runOutcome(standing) !== 'succeeded') return undefined;
  const checks = sortRuns(runs).filter(
    (run) =>
      run.spec.action === 'Check' &&
      runSequence(run) > runSequence(standing) &&
      runOutcome(run) !== 'unfinished' &&
      !isWithdrawn(run),
  );
  return {
    standing,
    latest: checks.at(-1),
    good: checks.findLast((run) => runOutcome(run) === 'succeeded'),
  };
}

/** What a check found, if anything differs. */
export function driftOf(check: ResourceRun | undefined): Drift | undefined {
  const drift = check?.status?.drift;
  return drift === undefined || drift.resources.length === 0 ? undefined : drift;
}

/** Whether a check was taken back before it began. */
export function isWithdrawn({ metadata }: ResourceRun): boolean {
  return metadata.annotations?.[OPERATOR_ANNOTATIONS.withdrawn] !== undefined;
}

/** When the next check is due by the interval of the class; undefined where it has none. */
export function nextCheck(observation: RequestObservation): Date | undefined {
  const view = viewDrift(observation);
  const interval = driftRule(observation)?.interval;
  if (view === undefined || interval === undefined) return undefined;
  const { standing, latest } = view;
  const hasFailed = latest !== undefined && runOutcome(latest) === 'failed';
  const intervalMs = parseDuration(interval);
  return new Date(
    nextCheckAt({
      uid: uidOf(observation),
      lastMs: endOf(latest ?? standing).getTime(),
      intervalMs: hasFailed ? Math.min(intervalMs, FAILED_CHECK_MS) : intervalMs,
      nowMs: observation.now.getTime(),
    }),
  );
}

/** An apply that puts drift right. */
export interface Repair {
  standing: ResourceRun;
  /** The check that found it. */
  check: ResourceRun;
  /** How many in a row this is. */
  attempt: number;
  dueAt: Date;
}

/**
 * The repair that the class asks for, of drift that the last good check found: at once the first
 * time, and later each time that the drift is back after a repair.
 */
export function nextRepair(observation: RequestObservation): Repair | undefined {
  const view = driftRule(observation)?.action === 'Reapply' ? viewDrift(observation) : undefined;
  if (view === undefined) return undefined;
  const { standing, good } = view;
  if (good === undefined || driftOf(good) === undefined) return undefined;
  const attempt = wasCleanBetween(observation, standing, good) ? 1 : repairAttempt(standing) + 1;
  const waitMs =
    attempt === 1 ? 0 : backoffDelay(attempt - 1, REPAIR_LIMITS, fractionOf(uidOf(observation)));
  return { standing, check: good, attempt, dueAt: new Date(endOf(good).getTime() + waitMs) };
}

/** Which repair in a row a run is; 0 for every other run. */
export function repairAttempt({ metadata }: ResourceRun): number {
  return Number(metadata.annotations?.[OPERATOR_ANNOTATIONS.repair] ?? '0');
}

/** When a run ended. */
export function endOf({ metadata, status }: ResourceRun): Date {
  return new Date(status?.finishedAt ?? metadata.creationTimestamp ?? 0);
}

function wasCleanBetween(
  { runs }: RequestObservation,
  standing: ResourceRun,
  good: ResourceRun,
): boolean {
  return runs.some(
    (run) =>
      run.spec.action === 'Check' &&
      runOutcome(run) === 'succeeded' &&
      driftOf(run) === undefined &&
      runSequence(run) > runSequence(standing) &&
      runSequence(run) < runSequence(good),
  );
}

function driftRule({
  resourceClass,
}: RequestObservation): { interval: string; action: string } | undefined {
  return resourceClass.kind === 'ready' ? resourceClass.spec.drift : undefined;
}

function uidOf({ request }: RequestObservation): string {
  return request.metadata.uid ?? '';
}
