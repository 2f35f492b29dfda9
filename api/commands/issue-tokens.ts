import { v7 as uuid } from 'uuid';
import { ACCESS_TOKEN_LIFETIME } from '../auth/access-tokens.ts';
import { REFRESH_TOKEN_DAYS, hashRefreshToken, newRefreshToken } from '../auth/refresh-tokens.ts';
import type { Transaction } from '../db/transaction.ts';
import type { Dependencies } from '../deps.ts';
import { Membership } from '../models/membership.ts';
import { RefreshToken } from '../models/refresh-token.ts';

/** Whom tokens are for. */
export interface TokenGrant {
  user: { id: string; token_version: number };
  organizationId: string | null;
  /** The sign-in that the refresh token descends from; a new one without. */
  familyId?: string;
}

/** What a client gets when it signs in (RFC 6749 §5.1). */
export interface TokenPair {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  refresh_token: string;
}

/** Signs an access token and keeps a new refresh token. */
export async function issueTokens(
  deps: Pick<Dependencies, 'tokens' | 'clock'>,
  trx: Transaction,
  grant: TokenGrant,
): Promise<TokenPair> {
  const { user, organizationId } = grant;
  const role = await findRole(trx, user.id, organizationId);
  const refreshToken = newRefreshToken();
  await RefreshToken.query(trx).insert({
    id: uuid(),
    family_id: grant.familyId ?? uuid(),
    user_id: user.id,
    organization_id: role === null ? null : organizationId,
    token_hash: hashRefreshToken(refreshToken),
    expires_at: new Date(deps.clock.now().getTime() + REFRESH_TOKEN_DAYS * 86_400_000),
  });
  const accessToken = deps.tokens.issue({
    userId: user.id,
    organizationId: role === null ? null : organizationId,
    role,
    tokenVersion: user.token_version,
  });
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: ACCESS_TOKEN_LIFETIME,
    refresh_token: refreshToken,
  };
}

async function findRole(
  trx: Transaction,
  userId: string,
  organizationId: string | null,
): Promise<string | null> {
  if (organizationId === null) return null;
  const key = { user_id: userId, organization_id: organizationId };
  const membership = await Membership.query(trx).select('role').findOne(key);
  return membership?.role ?? null;
}
