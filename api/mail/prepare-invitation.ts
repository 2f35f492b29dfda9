import { hashOpaqueToken, newOpaqueToken } from '../auth/opaque-token.ts';
import type { Dependencies } from '../deps.ts';
import { Invitation } from '../models/invitation.ts';
import { Organization } from '../models/organization.ts';
import { buildLink, composeInvitation } from './compose-mail.ts';
import type { Mail } from './mailer.ts';

/**
 * The mail of an invitation, with a new secret; that of an earlier mail no longer holds.
 *
 * @returns undefined when it does not hold any more
 */
export async function prepareInvitation(
  deps: Pick<Dependencies, 'config' | 'database' | 'clock'>,
  invitationId: string,
): Promise<Mail | undefined> {
  const { config, database, clock } = deps;
  const token = newOpaqueToken('i');
  return database.withSystem('prepare the mail of an invitation', async (trx) => {
    const invitation = await Invitation.open(trx, clock.now()).findOne({ id: invitationId });
    const organization =
      invitation && (await Organization.findLive(trx, invitation.organization_id));
    if (!organization) return undefined;
    await invitation.$query(trx).patch({ token_hash: hashOpaqueToken(token) });
    return composeInvitation({
      to: invitation.email,
      organization: organization.name,
      role: invitation.role,
      link: buildLink(config.WEB_URL ?? config.PUBLIC_URL, 'invitation', token),
      expiresAt: invitation.expires_at,
    });
  });
}
