import { isPaused } from './decide-pause.ts';
import { nextCheck, viewDrift } from './checks.ts';
import { planCheck } from './decide-plan.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { isRunAskedFor, lastRun } from './runs.ts';

/** Decisions that start nothing, so that there is time to look at what stands. */
const RESTING: readonly RequestDecision['kind'][] = ['idle', 'wait'];

/**
 * When nothing else is to do, what stands is checked when it is time, or when somebody asks and no
 * run can answer. That is about what was applied, so it takes no approval that still holds.
 */
export function fillCheck(
  observation: RequestObservation,
  resting: RequestDecision,
): RequestDecision {
  if (!RESTING.includes(resting.kind)) return resting;
  return decideCheck(observation) ?? resting;
}

/** Whether a check that has not begun stands in the way of something. */
export function isInTheWay(observation: RequestObservation, next: RequestDecision): boolean {
  if (isPaused(observation)) return true;
  if (next.kind === 'bind-approval') return true;
  return next.kind === 'intend-run' && next.run.action !== 'Check';
}

function decideCheck(observation: RequestObservation): RequestDecision | undefined {
  const view = viewDrift(observation);
  if (view === undefined) return undefined;
  const { request, runs, now } = observation;
  const due = nextCheck(observation);
  const isDue = due !== undefined && due <= now;
  if (!isDue && !isRunAskedFor(request, lastRun(runs))) return undefined;
  const run = planCheck(observation, view.standing);
  return { kind: 'intend-run', run, approval: undefined };
}
