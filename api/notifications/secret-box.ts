import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { KeySet } from '../auth/key-set.ts';

const ALGORITHM = 'aes-256-gcm';
const PURPOSE = 'quartermaster webhook secrets';

const sealedSchema = z.strictObject({
  kid: z.string(),
  iv: z.string(),
  tag: z.string(),
  data: z.string(),
});

/** Keeps small secrets in the database so that the database alone does not tell them. */
export interface SecretBox {
  seal(text: string): string;
  /** @returns undefined for what was sealed with a key that is gone, or was tampered with */
  open(sealed: string): string | undefined;
}

/**
 * A box whose keys are derived (HKDF, RFC 5869) from the private keys of the api, the first of
 * which seals; what an older one sealed can be opened for as long as that is kept.
 */
export function createSecretBox(keys: Pick<KeySet, 'approval'>): SecretBox {
  return {
    seal: (text) => {
      const [first] = keys.approval;
      const iv = randomBytes(12);
      const cipher = createCipheriv(ALGORITHM, derive(first), iv);
      const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      const parts = { iv, tag: cipher.getAuthTag(), data };
      const texts = Object.entries(parts).map(([name, part]) => [name, part.toString('base64')]);
      return JSON.stringify({ kid: first?.kid, ...Object.fromEntries(texts) });
    },
    open: (sealed) => {
      const { kid, iv, tag, data } = sealedSchema.parse(JSON.parse(sealed));
      const key = keys.approval.find((candidate) => candidate.kid === kid);
      if (!key) return undefined;
      const decipher = createDecipheriv(ALGORITHM, derive(key), Buffer.from(iv, 'base64'));
      decipher.setAuthTag(Buffer.from(tag, 'base64'));
      try {
        const start = decipher.update(Buffer.from(data, 'base64'));
        return Buffer.concat([start, decipher.final()]).toString('utf8');
      } catch {
        return undefined;
      }
    },
  };
}

function derive(key: KeySet['approval'][number] | undefined): Buffer {
  const secret = z.string().min(1).parse(key?.['d']);
  return Buffer.from(hkdfSync('sha256', Buffer.from(secret, 'base64url'), '', PURPOSE, 32));
}
