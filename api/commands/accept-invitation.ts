import { hashOpaqueToken } from '../auth/opaque-token.ts';
import { recordAudit } from '../db/audit.ts';
import { isUniqueViolation } from '../db/database-error.ts';
import type { Transaction } from '../db/transaction.ts';
import { ConflictError, ForbiddenError } from '../errors.ts';
import { Invitation } from '../models/invitation.ts';
import { Membership } from '../models/membership.ts';
import { Organization } from '../models/organization.ts';
import type { RequestInfo } from '../routes/route.ts';

/** Who accepts what, and when. */
export interface Acceptance {
  token: string;
  user: { id: string; email: string };
  now: Date;
  request: RequestInfo;
}

/**
 * Finds the invitation of a token, and locks it.
 *
 * @param trx of the system: who accepts is no member yet
 * @throws {ForbiddenError} when it is unknown, over, taken back, used, or for another address
 */
export async function lockInvitation(
  trx: Transaction,
  props: { token: string; email: string; now: Date },
): Promise<Invitation> {
  const invitation = await Invitation.open(trx, props.now)
    .findOne({ token_hash: hashOpaqueToken(props.token), email: props.email })
    .forUpdate();
  const organization = invitation && (await Organization.findLive(trx, invitation.organization_id));
  if (invitation && organization) return invitation;
  throw new ForbiddenError('The invitation does not hold for this address.', 'INVITATION_INVALID');
}

/**
 * Makes who was invited a member; the invitation is used by that.
 *
 * @param trx of the system
 * @throws {ForbiddenError} when the invitation does not hold
 * @throws {ConflictError} when they are a member already
 */
export async function acceptInvitation(
  trx: Transaction,
  acceptance: Acceptance,
): Promise<Membership> {
  const { token, user, now, request } = acceptance;
  const invitation = await lockInvitation(trx, { token, email: user.email, now });
  await invitation.$query(trx).patch({ accepted_at: now });
  const membership = await insertMembership(trx, invitation, user.id);
  await recordAudit(trx, {
    organizationId: invitation.organization_id,
    actor: user,
    action: 'invitation.accept',
    target: { type: 'invitation', id: invitation.id },
    details: { role: invitation.role },
    request,
  });
  return membership;
}

async function insertMembership(
  trx: Transaction,
  { organization_id, role }: Invitation,
  userId: string,
): Promise<Membership> {
  try {
    return await Membership.query(trx)
      .insert({ organization_id, user_id: userId, role })
      .returning(Membership.columns);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new ConflictError('You are a member already.', 'ALREADY_MEMBER', { cause: error });
  }
}
