import { hashRefreshToken } from '../auth/refresh-tokens.ts';
import type { Transaction } from '../db/transaction.ts';
import type { Dependencies } from '../deps.ts';
import { UnauthenticatedError } from '../errors.ts';
import { RefreshToken } from '../models/refresh-token.ts';
import { User } from '../models/user.ts';
import { issueTokens, type TokenPair } from './issue-tokens.ts';

/**
 * Gives new tokens for a refresh token, which is spent by that. One that was spent before is a
 * copy in wrong hands: then the whole sign-in ends (RFC 9700 §4.14.2).
 *
 * @throws {UnauthenticatedError} for a token that is unknown, spent, ended or expired
 */
export async function refreshSession(
  deps: Pick<Dependencies, 'database' | 'tokens' | 'clock'>,
  refreshToken: string,
): Promise<TokenPair> {
  // Refusals are returned, not thrown, so that ending the sign-in is committed.
  const pair = await deps.database.withSystem('refresh a session', async (trx) => {
    const row = await lockToken(trx, refreshToken);
    if (!row) return undefined;
    const now = deps.clock.now();
    if (row.used_at !== null) await revokeFamily(trx, row.family_id, now);
    if (row.used_at !== null || row.revoked_at !== null || row.expires_at <= now) return undefined;
    await RefreshToken.query(trx).findById(row.id).patch({ used_at: now });
    const user = await User.query(trx).select(User.columns).findById(row.user_id).throwIfNotFound();
    const grant = { user, organizationId: row.organization_id, familyId: row.family_id };
    return issueTokens(deps, trx, grant);
  });
  if (pair) return pair;
  throw new UnauthenticatedError('INVALID_TOKEN', 'The refresh token no longer holds; sign in.');
}

/** Ends the sign-in that a refresh token belongs to; an unknown one is no error. */
export async function signOut(
  deps: Pick<Dependencies, 'database' | 'clock'>,
  refreshToken: string,
): Promise<void> {
  await deps.database.withSystem('sign out', async (trx) => {
    const row = await lockToken(trx, refreshToken);
    if (row) await revokeFamily(trx, row.family_id, deps.clock.now());
  });
}

function lockToken(trx: Transaction, token: string): Promise<RefreshToken | undefined> {
  return RefreshToken.query(trx)
    .select(RefreshToken.columns)
    .findOne({ token_hash: hashRefreshToken(token) })
    .forUpdate()
    .execute();
}

async function revokeFamily(trx: Transaction, familyId: string, now: Date): Promise<void> {
  await RefreshToken.query(trx)
    .where({ family_id: familyId, revoked_at: null })
    .patch({ revoked_at: now });
}
