import { createHash, randomBytes } from 'node:crypto';

/** Days that a refresh token holds. */
export const REFRESH_TOKEN_DAYS = 30;

/** A new refresh token: 256 random bits. */
export function newRefreshToken(): string {
  return `qmr_${randomBytes(32).toString('base64url')}`;
}

/** What the database keeps of a refresh token; a fast hash does, for nobody can guess 256 bits. */
export function hashRefreshToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
