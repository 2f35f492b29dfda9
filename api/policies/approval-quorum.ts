import type { RequestStatus } from './request-transitions.ts';
import { isOwnRequest, type DecisionSubject } from './resource-request-policy.ts';

/** Somebody's yes to a revision, before it is counted. */
export interface Vote {
  approver: { id: string; email: string };
  /** How many people have to agree. */
  needed: number;
  request: DecisionSubject & { latest_approvals: readonly { by: string }[] };
}

/**
 * Whether a yes counts. Nobody counts twice. Where several have to agree, it is never one of those
 * who asked for it, even if the organisation lets people approve their own requests: four eyes are
 * what such a class is about.
 */
export function judgeVote({ approver, needed, request }: Vote): 'own' | 'twice' | 'counts' {
  if (needed > 1 && isOwnRequest(approver, request)) return 'own';
  return request.latest_approvals.some(({ by }) => by === approver.id) ? 'twice' : 'counts';
}

/** A request, as far as the end of its approval is concerned. */
export interface ApprovedRequest {
  status: RequestStatus;
  pending_revision: number | null;
  approval_expires_at: Date | null;
}

/** Whether another try would come to nothing, since the approval has ended. */
export function needsApprovalAgain(request: ApprovedRequest, now: Date): boolean {
  const { status, pending_revision, approval_expires_at: end } = request;
  const isStuck = status === 'approved' || status === 'failed';
  return isStuck && pending_revision === null && end !== null && end <= now;
}
