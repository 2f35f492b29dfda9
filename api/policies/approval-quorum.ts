import type { RequestStatus } from './request-transitions.ts';

/** Somebody's yes to a revision, before it is counted. */
export interface Vote {
  approver: string;
  /** How many people have to agree. */
  needed: number;
  request: {
    requested_by: string | null;
    /** Who made the revision that waits. */
    latest_author: string | null;
    latest_approvals: readonly { by: string }[];
  };
}

/**
 * Whether a yes counts. Nobody counts twice. Where several have to agree, it is never one of those
 * who asked for it, even if the organisation lets people approve their own requests: four eyes are
 * what such a class is about.
 */
export function judgeVote({ approver, needed, request }: Vote): 'own' | 'twice' | 'counts' {
  const { requested_by, latest_author, latest_approvals } = request;
  const isOwn = approver === requested_by || approver === latest_author;
  if (needed > 1 && isOwn) return 'own';
  return latest_approvals.some(({ by }) => by === approver) ? 'twice' : 'counts';
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
