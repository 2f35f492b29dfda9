import { hashOpaqueToken, newOpaqueToken } from '../auth/opaque-token.ts';
import type { Dependencies } from '../deps.ts';
import { Account } from '../models/account.ts';
import { buildLink, composePasswordReset } from './compose-mail.ts';
import type { Mail } from './mailer.ts';

/** How long the link of a password reset holds. */
const HOLDS_MS = 3_600_000;

/**
 * The mail of a password reset, with a new secret; earlier ones no longer hold.
 *
 * @returns undefined for an address without an account, and for one that has no password
 */
export async function preparePasswordReset(
  deps: Pick<Dependencies, 'config' | 'database' | 'clock'>,
  email: string,
): Promise<Mail | undefined> {
  const { config, database, clock } = deps;
  const token = newOpaqueToken('p');
  const expiresAt = new Date(clock.now().getTime() + HOLDS_MS);
  return database.withSystem('prepare the mail of a password reset', async (trx) => {
    const account = await Account.query(trx).select(Account.columns).findOne({ email });
    // Who signs in by an issuer only has no password that could be forgotten.
    if (!account || account.password_hash === null) return undefined;
    await trx('password_resets').where({ user_id: account.id }).delete();
    await trx('password_resets').insert({
      token_hash: hashOpaqueToken(token),
      user_id: account.id,
      expires_at: expiresAt,
    });
    const link = buildLink(config.WEB_URL ?? config.PUBLIC_URL, 'password-reset', token);
    return composePasswordReset({ to: email, link, expiresAt });
  });
}
