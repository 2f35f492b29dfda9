import { recordAudit } from '../db/audit.ts';
import { isUniqueViolation } from '../db/database-error.ts';
import type { Transaction } from '../db/transaction.ts';
import { ConflictError } from '../errors.ts';
import { Membership } from '../models/membership.ts';
import { User } from '../models/user.ts';
import type { Role } from '../policies/roles.ts';
import type { CommandContext } from './command-context.ts';

/**
 * Makes a person a member of the actor's organisation.
 *
 * @throws {ConflictError} when they are one already
 */
export async function addMember(
  context: CommandContext,
  userId: string,
  role: Role,
): Promise<Membership> {
  const { trx, actor } = context;
  const row = { organization_id: actor.membership.organizationId, user_id: userId, role };
  try {
    const membership = await Membership.query(trx).insert(row).returning(Membership.columns);
    await audit(context, 'member.add', userId, {
      details: { role },
      before: null,
      after: { role },
    });
    return membership;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new ConflictError('They are a member already.', 'ALREADY_MEMBER', { cause: error });
  }
}

/**
 * Gives a member another role; their tokens end at once.
 *
 * @throws {ConflictError} for the last admin
 */
export async function changeRole(
  context: CommandContext,
  membership: Membership,
  role: Role,
): Promise<Membership> {
  const { trx } = context;
  const before = membership.role;
  if (before === role) return membership;
  await keepAnAdmin(trx, membership);
  await User.endTokens(trx, [membership.user_id]);
  // Changes the model as well.
  await membership.$query(trx).patch({ role });
  await audit(context, 'member.update', membership.user_id, {
    details: { from: before, to: role },
    before: { role: before },
    after: { role },
  });
  return membership;
}

/**
 * Ends a membership, and what the person has in the organisation's projects.
 *
 * @throws {ConflictError} for the last admin
 */
export async function removeMember(context: CommandContext, membership: Membership): Promise<void> {
  const { trx } = context;
  await keepAnAdmin(trx, membership);
  // First, for without the membership they cannot be seen from here.
  await User.endTokens(trx, [membership.user_id]);
  await membership.$query(trx).delete();
  const before = { role: membership.role };
  await audit(context, 'member.remove', membership.user_id, {
    details: before,
    before,
    after: null,
  });
}

/** All admins are locked, so that two of them cannot remove each other at once. */
async function keepAnAdmin(trx: Transaction, membership: Membership): Promise<void> {
  if (membership.role !== 'admin') return;
  const admins = await Membership.query(trx)
    .select('user_id')
    .where({ organization_id: membership.organization_id, role: 'admin' })
    .orderBy('user_id')
    .forUpdate();
  if (admins.some((admin) => admin.user_id !== membership.user_id)) return;
  throw new ConflictError('An organisation needs an admin; name another first.', 'LAST_ADMIN');
}

async function audit(
  { trx, actor, request }: CommandContext,
  action: string,
  userId: string,
  deed: { details: Record<string, unknown>; before: object | null; after: object | null },
): Promise<void> {
  await recordAudit(trx, {
    organizationId: actor.membership.organizationId,
    actor: actor.user,
    action,
    target: { type: 'user', id: userId },
    details: deed.details,
    change: { before: deed.before, after: deed.after },
    request,
  });
}
