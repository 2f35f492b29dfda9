import { v7 as uuid } from 'uuid';
import { recordAudit } from '../db/audit.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import { queueInvitation } from '../mail/mail-queue.ts';
import { Invitation } from '../models/invitation.ts';
import { Member } from '../models/member.ts';
import type { Role } from '../policies/roles.ts';
import type { CommandContext } from './command-context.ts';

/** How long an invitation holds. */
const HOLDS_MS = 7 * 86_400_000;

/**
 * Invites somebody to the actor's organisation by mail; an earlier invitation of the address ends.
 *
 * @throws {ConflictError} when they are a member already
 */
export async function inviteMember(
  context: CommandContext,
  props: { email: string; role: Role },
): Promise<Invitation> {
  const { trx, actor } = context;
  const { organizationId } = actor.membership;
  if (await Member.of(trx, organizationId).findOne('users.email', props.email)) {
    throw new ConflictError('They are a member already.', 'ALREADY_MEMBER');
  }
  const now = Date.now();
  await Invitation.query(trx)
    .patch({ revoked_at: new Date(now) })
    .where({ organization_id: organizationId, email: props.email })
    .where({ accepted_at: null, revoked_at: null });
  const invitation = await Invitation.query(trx)
    .insert({
      ...{ id: uuid(), organization_id: organizationId, ...props },
      ...{ invited_by: actor.user.id, expires_at: new Date(now + HOLDS_MS) },
    })
    .returning(Invitation.columns);
  await queueInvitation(trx, invitation);
  await audit(context, 'invitation.create', invitation);
  return invitation;
}

/**
 * Takes an invitation back: its link no longer works.
 *
 * @throws {NotFoundError} when there is none that waits
 */
export async function revokeInvitation(context: CommandContext, id: string): Promise<void> {
  const { trx, actor } = context;
  const { organizationId } = actor.membership;
  const invitation = await Invitation.waiting(trx, organizationId).findOne({ id }).forUpdate();
  if (!invitation) throw new NotFoundError();
  await Invitation.query(trx)
    .patch({ revoked_at: new Date() })
    .where({ organization_id: organizationId, id });
  await audit(context, 'invitation.revoke', invitation);
}

async function audit(
  { trx, actor, request }: CommandContext,
  action: string,
  invitation: Invitation,
): Promise<void> {
  await recordAudit(trx, {
    organizationId: invitation.organization_id,
    actor: actor.user,
    action,
    target: { type: 'invitation', id: invitation.id },
    details: { email: invitation.email, role: invitation.role },
    request,
  });
}
