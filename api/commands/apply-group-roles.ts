import { recordAudit } from '../db/audit.ts';
import type { Transaction } from '../db/transaction.ts';
import { Membership } from '../models/membership.ts';
import { Organization } from '../models/organization.ts';
import { User } from '../models/user.ts';
import type { Role } from '../policies/roles.ts';

/**
 * Gives a person the memberships that their groups at an issuer stand for, and takes away those
 * that groups gave before. Memberships that people gave stay as they are, and so does the last
 * admin of an organisation.
 *
 * @param trx of the system
 * @param wanted role by slug of the organisation; null: none
 */
export async function applyGroupRoles(
  trx: Transaction,
  userId: string,
  wanted: ReadonlyMap<string, Role | null>,
): Promise<void> {
  for (const [slug, role] of wanted) {
    const organization = await Organization.live(trx).findOne({ slug });
    if (organization) await applyRole(trx, organization.id, userId, role);
  }
}

async function applyRole(
  trx: Transaction,
  organizationId: string,
  userId: string,
  role: Role | null,
): Promise<void> {
  const key = { organization_id: organizationId, user_id: userId };
  const membership = await Membership.lock(trx, organizationId, userId);
  if (!membership) {
    if (role === null) return;
    await Membership.query(trx)
      .insert({ ...key, role, from_issuer: true })
      .returning(Membership.columns);
    await audit(trx, key, 'member.add', { role });
    return;
  }
  if (!membership.from_issuer || membership.role === role) return;
  if (await isLastAdmin(trx, membership)) return;
  // Older tokens say what no longer is.
  await User.endTokens(trx, [userId]);
  if (role === null) {
    await membership.$query(trx).delete();
    await audit(trx, key, 'member.remove', { role: membership.role });
  } else {
    const from = membership.role;
    await membership.$query(trx).patch({ role });
    await audit(trx, key, 'member.update', { from, to: role });
  }
}

async function isLastAdmin(trx: Transaction, membership: Membership): Promise<boolean> {
  if (membership.role !== 'admin') return false;
  const admins = await Membership.query(trx)
    .select('user_id')
    .where({ organization_id: membership.organization_id, role: 'admin' })
    .orderBy('user_id')
    .forUpdate();
  return admins.every((admin) => admin.user_id === membership.user_id);
}

async function audit(
  trx: Transaction,
  key: { organization_id: string; user_id: string },
  action: string,
  details: Record<string, unknown>,
): Promise<void> {
  await recordAudit(trx, {
    organizationId: key.organization_id,
    actor: null,
    action,
    target: { type: 'user', id: key.user_id },
    details: { ...details, by: 'groups of the issuer' },
  });
}
