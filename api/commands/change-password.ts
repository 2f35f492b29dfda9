import { hashOpaqueToken } from '../auth/opaque-token.ts';
import type { Transaction } from '../db/transaction.ts';
import type { Dependencies } from '../deps.ts';
import { BadRequestError, MailNotConfiguredError, UnauthenticatedError } from '../errors.ts';
import { queuePasswordReset } from '../mail/mail-queue.ts';
import { Account } from '../models/account.ts';
import { RefreshToken } from '../models/refresh-token.ts';
import { User } from '../models/user.ts';
import type { RequestInfo } from '../routes/route.ts';
import { auditAccount } from './audit-account.ts';
import { issueTokens, type TokenPair } from './issue-tokens.ts';

/** Who changes their password, and for which organisation they are signed in. */
export interface PasswordChange {
  user: { id: string; email: string };
  organizationId: string | null;
  current: string;
  next: string;
}

/**
 * Gives an account another password. Every other sign-in of it ends; for this one there are new
 * tokens.
 *
 * @throws {UnauthenticatedError} when the present password is wrong
 * @throws {RateLimitedError} after too many wrong ones
 */
export async function changePassword(
  deps: Pick<Dependencies, 'database' | 'passwords' | 'signIns' | 'tokens' | 'clock'>,
  change: PasswordChange,
  request: RequestInfo,
): Promise<TokenPair> {
  const { user, organizationId } = change;
  const account = await deps.database.withSystem('look at a password', (trx) =>
    Account.query(trx).select(Account.columns).findById(user.id),
  );
  const hashed = account?.password_hash ?? null;
  const attempt = { email: user.email, address: request.address };
  const matches = await deps.signIns.attempt(attempt, () =>
    deps.passwords.verify(hashed, change.current),
  );
  if (!matches) {
    throw new UnauthenticatedError('INVALID_CREDENTIALS', 'The present password is wrong.');
  }
  const passwordHash = await deps.passwords.hash(change.next);
  return deps.database.withSystem('change a password', async (trx) => {
    await setPassword(trx, user.id, { password_hash: passwordHash }, deps.clock.now());
    await auditAccount(trx, { user, action: 'change_password', request });
    const changed = await User.query(trx).select(User.columns).findById(user.id).throwIfNotFound();
    return issueTokens(deps, trx, { user: changed, organizationId });
  });
}

/**
 * Asks for the mail with which a password is chosen; whether there is such an account is not told.
 *
 * @throws {MailNotConfiguredError} where there is no mail server, whatever the address
 */
export async function requestPasswordReset(
  deps: Pick<Dependencies, 'database' | 'mailer'>,
  email: string,
): Promise<void> {
  if (!deps.mailer) throw new MailNotConfiguredError();
  await queuePasswordReset(deps.database, email);
}

/**
 * Gives an account another password, for the token of a mail. All its sign-ins end.
 *
 * @throws {BadRequestError} when the token is unknown, used, or over
 */
export async function resetPassword(
  deps: Pick<Dependencies, 'database' | 'passwords' | 'signIns' | 'clock'>,
  reset: { token: string; password: string },
  request: RequestInfo,
): Promise<void> {
  const key = { token_hash: hashOpaqueToken(reset.token) };
  const now = deps.clock.now();
  const known = await deps.database.withSystem('look at a password reset', (trx) =>
    trx('password_resets').where(key).where('expires_at', '>', now).first<object | undefined>(),
  );
  // Before the hash, which is costly.
  if (!known) throw invalidReset();
  const passwordHash = await deps.passwords.hash(reset.password);
  const email = await deps.database.withSystem('reset a password', async (trx) => {
    const [row] = await trx('password_resets')
      .where(key)
      .where('expires_at', '>', now)
      .delete()
      .returning<{ user_id: string }[]>('user_id');
    if (!row) throw invalidReset();
    const change = { password_hash: passwordHash, email_verified_at: now };
    await setPassword(trx, row.user_id, change, now);
    const user = await User.query(trx).select(User.columns).findById(row.user_id).throwIfNotFound();
    await auditAccount(trx, { user, action: 'reset_password', request });
    return user.email;
  });
  await deps.signIns.clear(email);
}

/** Every access token and every refresh token of before ends. */
async function setPassword(
  trx: Transaction,
  userId: string,
  change: Pick<Account, 'password_hash'> & Partial<Pick<Account, 'email_verified_at'>>,
  now: Date,
): Promise<void> {
  await Account.query(trx).findById(userId).patch(change);
  await User.endTokens(trx, [userId]);
  await RefreshToken.query(trx)
    .where({ user_id: userId, revoked_at: null })
    .patch({ revoked_at: now });
  await trx('password_resets').where({ user_id: userId }).delete();
}

function invalidReset(): BadRequestError {
  return new BadRequestError('The link no longer holds; ask for a new one.', 'RESET_INVALID');
}
