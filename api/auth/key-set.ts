import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { JSONWebKeySet, JWK } from 'jose';
import type { SigningKey } from '../../lib/jws.ts';

const keySchema = z.looseObject({
  kid: z.string().min(1),
  kty: z.string().min(1),
  /** Until then it is only published, so that everybody who verifies knows it. */
  signs_from: z.iso.datetime().optional(),
  /** Since then it no longer signs. */
  retired_at: z.iso.datetime().optional(),
});

/** A key as it is stored (RFC 7517). */
export type StoredKey = z.infer<typeof keySchema>;

/** The keys of the api as they are stored; in each list the newest first. */
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
export function approvalKey(keys: KeySet, now = new Date()): SigningKey {
  return signingKey(keys.approval, now);
}

/**
 * The key of a list that signs now: the newest that may.
 *
 * @throws {TypeError} when there is none
 */
export function signingKey(keys: readonly StoredKey[], now: Date): StoredKey {
  const key = keys.find(
    ({ signs_from: from, retired_at: retiredAt }) =>
      retiredAt === undefined && (from === undefined || Date.parse(from) <= now.getTime()),
  );
  if (!key) throw new TypeError('there is no key to sign with');
  return key;
}

/** The public halves of a list of keys, as a JSON Web Key Set (RFC 7517). */
export function publicKeys(keys: readonly StoredKey[]): JSONWebKeySet {
  return { keys: keys.map(toPublic) };
}

/** The public half of a key: by an explicit list, so that no private member can slip through. */
export function toPublic(key: StoredKey): JWK & StoredKey {
  const names = ['kty', 'kid', 'alg', 'use', 'crv', 'x', 'n', 'e'];
  const members = Object.entries(key).filter(([name]) => names.includes(name));
  return { ...Object.fromEntries(members), kid: key.kid, kty: key.kty };
}
