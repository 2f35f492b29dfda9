import { createHash, randomBytes } from 'node:crypto';

/** What a token is for, seen by how it begins: `i` invitation, `p` password reset. */
export type TokenPurpose = 'i' | 'p';

/** A new token: 256 random bits. */
export function newOpaqueToken(purpose: TokenPurpose): string {
  return `qm${purpose}_${randomBytes(32).toString('base64url')}`;
}

/** What the database keeps of a token; a fast hash does, for nobody can guess 256 bits. */
export function hashOpaqueToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
