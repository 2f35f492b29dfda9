import { isPaused } from './decide-pause.ts';
import { nextCheck, viewDrift } from './checks.ts';
import { planCheck } from './decide-plan.ts';
import { decideRepair } from './decide-repair.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { isRunAskedFor, lastRun } from './runs.ts';

/** Decisions that start nothing, so that there is time to look at what stands. */
const RESTING: readonly RequestDecision['kind'][] = ['idle', 'wait'];

/**
 * What is done when nothing else is to do: drift that was found is put right where the class says so,
 * and what stands is checked when it is time, or when somebody asks and no run can answer.
 *
 * Both are about what was applied, from the record of the run that made it, so neither takes the
 * approval of that. Nothing is put right while a change of the request waits: what was
 * approved before may not be what is wanted now.
 */
export function fillRest(
  observation: RequestObservation,
  resting: RequestDecision,
): RequestDecision {
  if (!RESTING.includes(resting.kind)) return resting;
  const repair = resting.kind === 'idle' ? decideRepair(observation) : undefined;
  if (repair !== undefined && !RESTING.includes(repair.kind)) return repair;
  return decideCheck(observation) ?? repair ?? resting;
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
