import {
  CompactSign,
  compactVerify,
  createLocalJWKSet,
  importJWK,
  type JSONWebKeySet,
  type JWK,
} from 'jose';
import { QuartermasterError } from './errors.ts';

/** The only algorithm in use; pinned on both sides (RFC 8037). */
const ALGORITHM = 'EdDSA';

/** A JWS that must not be believed: wrong form, wrong key, wrong type or a broken signature. */
export class InvalidSignatureError extends QuartermasterError {
  readonly code = 'INVALID_SIGNATURE';
}

/** A private Ed25519 key (JWK) with its `kid`. */
export type SigningKey = JWK & { kid: string };

/**
 * Signs claims as a compact JWS (RFC 7515).
 *
 * @param claims a JSON object
 * @param key private Ed25519 key
 * @param type the `typ` header, which keeps statements of different purposes apart (RFC 8725 §3.11)
 */
export async function signJws(claims: object, key: SigningKey, type: string): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: type })
    .sign(await importJWK(key, ALGORITHM));
}

/**
 * Verifies a compact JWS and gives its claims; times and meaning are the caller's to judge.
 *
 * @param token the compact JWS
 * @param keys public keys; the one named by `kid` is used
 * @param type the `typ` that it must have
 * @throws {InvalidSignatureError} for whatever reason it must not be believed
 */
export async function verifyJws(
  token: string,
  keys: JSONWebKeySet,
  type: string,
): Promise<unknown> {
  try {
    const { payload, protectedHeader } = await compactVerify(token, createLocalJWKSet(keys), {
      algorithms: [ALGORITHM],
    });
    if (protectedHeader.typ !== type) {
      throw new InvalidSignatureError('the token is of another type');
    }
    return JSON.parse(new TextDecoder().decode(payload)) as unknown;
  } catch (error) {
    if (error instanceof InvalidSignatureError) throw error;
    throw new InvalidSignatureError('the signature cannot be verified', { cause: error });
  }
}
