import type { RunAction } from '../../crds/resource-request.ts';
import { decideWithoutChecks, decideWork } from './decide.ts';
import { REPAIR_WAITS } from './decide-repair.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { isDeleting } from './status-said.ts';

/** What is said while something waits for a check to end: that what runs goes on. */
const GOES_ON: RequestDecision = { kind: 'idle' };

/**
 * The decision that conditions are about. A check changes nothing, and neither does a plan, so while
 * one is intended, runs or has just ended, they say what they would say without it.
 */
export function tellDecision(
  observation: RequestObservation,
  decision: RequestDecision,
): RequestDecision {
  const action = actionOf(decision);
  if (isDeleting(observation)) return tellDeletion(decision);
  if (action === 'Plan') return tellPlan(decision, decideWork(observation));
  if (action !== 'Check') return decision;
  return tellCheck(observation);
}

function tellCheck(observation: RequestObservation): RequestDecision {
  const next = decideWithoutChecks(observation);
  if (actionOf(next) === 'Plan') return tellPlan(next, decideWork(observation));
  return next.kind === 'intend-run' || next.kind === 'bind-approval' ? GOES_ON : next;
}

/** A plan of the destruction has ended: what it says is said by the look that follows at once. */
function tellDeletion(decision: RequestDecision): RequestDecision {
  const isPlanned = decision.kind === 'record-run' && decision.run.spec.action === 'Plan';
  return isPlanned ? { kind: 'drop-intention' } : decision;
}

/** Where nothing else waits, it is the plan of putting drift right. */
function tellPlan(decision: RequestDecision, work: RequestDecision): RequestDecision {
  const waiting = work.kind === 'idle' ? REPAIR_WAITS : work;
  if (waiting.kind !== 'wait') return decision;
  return { ...waiting, message: `${waiting.message} Its plan is being made.` };
}

/** What the run does that a decision is about. */
function actionOf(decision: RequestDecision): RunAction | undefined {
  switch (decision.kind) {
    case 'intend-run':
      return decision.run.action;
    case 'await-run':
      return decision.action;
    case 'record-run':
      return decision.run.spec.action;
    default:
      return undefined;
  }
}
