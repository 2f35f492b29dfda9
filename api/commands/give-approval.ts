import { ConflictError, ForbiddenError } from '../errors.ts';
import { RequestRevision, type GivenApproval } from '../models/request-revision.ts';
import { ResourceRequest } from '../models/resource-request.ts';
import type { ShownRequest } from '../models/shown-request.ts';
import { judgeVote } from '../policies/approval-quorum.ts';
import { recordDeed, type RequestCommand } from './request-context.ts';

/** Somebody's yes to what waits. */
export interface Assent {
  comment: string | null;
  /** How many people have to agree. */
  needed: number;
}

/**
 * Counts the actor's yes, and keeps it as long as it is not the last one that is missing.
 *
 * @param request locked; something of it waits for a decision
 * @returns everybody's yes when these are enough; undefined while it waits for others
 * @throws {ConflictError} when the actor said yes before
 * @throws {ForbiddenError} SELF_APPROVAL, for what only others may approve
 */
export async function giveApproval(
  command: RequestCommand,
  request: ShownRequest,
  { comment, needed }: Assent,
): Promise<GivenApproval[] | undefined> {
  const { user } = command.actor;
  requireVote({ approver: user, request, needed });
  const at = command.services.clock.now().toISOString();
  const approvals = [...request.latest_approvals, { by: user.id, email: user.email, at, comment }];
  if (approvals.length >= needed) return approvals;
  await keepApproval(command, request, { approvals, approvers: needed });
  return undefined;
}

/** @throws {ForbiddenError} {ConflictError} when this person's yes does not count */
function requireVote(vote: Parameters<typeof judgeVote>[0]): void {
  switch (judgeVote(vote)) {
    case 'own':
      throw new ForbiddenError(
        'The class wants several approvers, none of whom may have asked for it.',
        'SELF_APPROVAL',
      );
    case 'twice':
      throw new ConflictError('You have approved this already; it waits for others.');
    case 'counts':
      return;
  }
}

async function keepApproval(
  command: RequestCommand,
  request: ShownRequest,
  change: { approvals: GivenApproval[]; approvers: number },
): Promise<void> {
  const { trx, services } = command;
  await RequestRevision.settlePending(trx, request, change);
  await ResourceRequest.query(trx)
    .patch({ updated_at: services.clock.now() })
    .where({ organization_id: request.organization_id, id: request.id });
  const { approvals, approvers } = change;
  await recordDeed(command, {
    ...{ id: request.id, event: 'partly_approved', action: 'approve' },
    message: approvals.at(-1)?.comment ?? undefined,
    details: { revision: request.pending_revision ?? request.revision, approvers },
    change: {
      before: { approvals: approvals.length - 1 },
      after: { approvals: approvals.length },
    },
  });
}
