import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { JSONWebKeySet, JWK } from 'jose';
import type { SigningKey } from '../../lib/jws.ts';

const keySchema = z.looseObject({ kid: z.string().min(1), kty: z.string().min(1) });

/** The private keys of the api as they are stored; the first of each list signs. */
export const keySetSchema = z.object({
  /** RS256, for access tokens. */
  access: z.array(keySchema).min(1),
  /** Ed25519, for approvals. */
  approval: z.array(keySchema).min(1),
});

/** The private keys of the api: what must never leave it. */
export type KeySet = z.infer<typeof keySetSchema>;

/** Makes new keys. */
export function generateKeySet(): KeySet {
  const access = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const approval = generateKeyPairSync('ed25519').privateKey;
  return keySetSchema.parse({
    access: [{ ...access.export({ format: 'jwk' }), kid: randomUUID(), alg: 'RS256', use: 'sig' }],
    approval: [
      { ...approval.export({ format: 'jwk' }), kid: randomUUID(), alg: 'EdDSA', use: 'sig' },
    ],
  });
}

/** The key that signs approvals. */
export function approvalKey(keys: KeySet): SigningKey {
  return keys.approval[0] as SigningKey;
}

/** The public halves of a list of keys, as a JSON Web Key Set (RFC 7517). */
export function publicKeys(keys: readonly z.infer<typeof keySchema>[]): JSONWebKeySet {
  return { keys: keys.map(toPublic) };
}

/** By an explicit list, so that no private member can slip through. */
function toPublic(key: z.infer<typeof keySchema>): JWK {
  const names = ['kty', 'kid', 'alg', 'use', 'crv', 'x', 'n', 'e'];
  return Object.fromEntries(Object.entries(key).filter(([name]) => names.includes(name)));
}
