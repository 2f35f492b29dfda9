import { decideWork } from './decide.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { isDeleting } from './status-said.ts';

/** What is said while something waits for a check to end: that what runs goes on. */
const GOES_ON: RequestDecision = { kind: 'idle' };

/**
 * The decision that conditions are about. A check changes nothing, so while it is intended, runs or has
 * just ended, they say what they would say without it.
 */
export function tellDecision(
  observation: RequestObservation,
  decision: RequestDecision,
): RequestDecision {
  if (!isAboutCheck(decision) || isDeleting(observation)) return decision;
  const work = decideWork(observation);
  return work.kind === 'intend-run' || work.kind === 'bind-approval' ? GOES_ON : work;
}

function isAboutCheck(decision: RequestDecision): boolean {
  switch (decision.kind) {
    case 'intend-run':
      return decision.run.action === 'Check';
    case 'await-run':
      return decision.action === 'Check';
    case 'record-run':
      return decision.run.spec.action === 'Check';
    default:
      return false;
  }
}
