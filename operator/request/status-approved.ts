import { findCondition } from '../../crds/condition.ts';
import { needsApproval } from '../../crds/preview.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { isDeleting, keep, no, yes, type Said } from './status-said.ts';

const DELETION_APPROVED = yes('Approved', 'The deletion is approved.');

/**
 * Whether somebody has agreed to what is, or is to be done: of a request that is being deleted, to the
 * deletion, once it waits for that.
 */
export function sayApproved(observation: RequestObservation, decision: RequestDecision): Said {
  switch (decision.kind) {
    case 'wait':
      return decision.reason.startsWith('Approval') || decision.reason === 'AwaitingApproval'
        ? no(decision.reason, decision.message)
        : { status: 'Unknown', reason: decision.reason, message: decision.message };
    case 'intend-run':
      if (!isDeleting(observation)) return sayApprovedBy(observation);
      return decision.approval === undefined ? keep(observation, 'Approved') : DELETION_APPROVED;
    case 'idle':
      return sayApprovedBy(observation);
    default:
      return keep(observation, 'Approved');
  }
}

function sayApprovedBy({ resourceClass, request }: RequestObservation): Said {
  const previous = findCondition(request.status?.conditions, 'Approved');
  const isAutomatic = resourceClass.kind === 'ready' && !needsApproval(resourceClass.spec);
  if (isAutomatic) return yes('Automatic', 'The class needs no approval.');
  // The class may be gone; what it said is still so.
  if (resourceClass.kind !== 'ready' && previous?.status === 'True') return previous;
  return yes('Approved', 'The inputs are approved.');
}
