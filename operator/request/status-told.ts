import type { RunAction } from '../../crds/resource-request.ts';
import { decideWork } from './decide.ts';
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
  if (isDeleting(observation)) return decision;
  if (action === 'Plan') return tellPlan(decision, decideWork(observation));
  if (action !== 'Check') return decision;
  const work = decideWork(observation);
  return work.kind === 'intend-run' || work.kind === 'bind-approval' ? GOES_ON : work;
}

function tellPlan(decision: RequestDecision, work: RequestDecision): RequestDecision {
  // A plan of putting drift right: what runs goes on.
  if (work.kind === 'idle') return work;
  if (work.kind !== 'wait') return decision;
  return { ...work, message: `${work.message} Its plan is being made.` };
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
