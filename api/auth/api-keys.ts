import { createHash, randomBytes } from 'node:crypto';

/** How many characters of a key are kept in clear, to recognise it by. */
const PREFIX_LENGTH = 12;

/** A key as it is shown once, and what is kept of it. */
export interface NewApiKey {
  key: string;
  prefix: string;
  hash: string;
}

/** A new key: 256 random bits. */
export function newApiKey(): NewApiKey {
  const key = `qmk_${randomBytes(32).toString('base64url')}`;
  return { key, prefix: key.slice(0, PREFIX_LENGTH), hash: hashApiKey(key) };
}

/** What the database keeps of a key; a fast hash does, for nobody can guess 256 bits. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
