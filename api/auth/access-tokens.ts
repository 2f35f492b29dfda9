import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import { signingKey, toPublic, type KeySet, type StoredKey } from './key-set.ts';
import { VerifiedTokens } from './verified-tokens.ts';

/** Seconds that an access token holds. */
export const ACCESS_TOKEN_LIFETIME = 900;
/** Seconds that a guest stays, and their token holds. */
export const GUEST_TOKEN_LIFETIME = 3_600;
/** The `typ` header of access tokens, RFC 9068. */
export const ACCESS_TOKEN_TYPE = 'at+jwt';
/** Who access tokens are for. */
export const ACCESS_TOKEN_AUDIENCE = 'quartermaster';

/** The claims of an access token beside `iss` and `aud`, which are verified before. */
export const accessClaimsSchema = z.object({
  sub: z.uuid(),
  org_id: z.uuid().nullable(),
  role: z.string().nullable(),
  /** Version of what the user may do; an older one than the database's is refused. */
  ver: z.number().int(),
  iat: z.number().int(),
  exp: z.number().int(),
  jti: z.string().min(1),
  /** Of somebody without an account, who stays for an hour. */
  guest: z.literal(true).optional(),
});

/** The claims of an access token. */
export type AccessClaims = z.infer<typeof accessClaimsSchema>;

/** Whom a token is issued to. */
export interface AccessGrant {
  userId: string;
  organizationId: string | null;
  role: string | null;
  tokenVersion: number;
  isGuest?: true;
}

/** Signs access tokens, and knows the public keys to verify them by. */
export class AccessTokens {
  /** `iss` of the tokens. */
  readonly issuer: string;
  /** Those that were verified lately. */
  readonly verified: VerifiedTokens;
  readonly #keys: KeySet;
  // KeyObjects, made once: parsing a key costs more than verifying with it.
  readonly #private = new Map<string, KeyObject>();
  readonly #public = new Map<string, KeyObject>();
  readonly #clock: Clock;

  /**
   * @param keys may change: what is added is used from then on
   * @param issuer `iss` of the tokens
   */
  constructor(keys: KeySet, issuer: string, clock: Clock) {
    this.issuer = issuer;
    this.verified = new VerifiedTokens(clock);
    this.#keys = keys;
    this.#clock = clock;
  }

  /** An access token (compact JWS, RS256). */
  issue(grant: AccessGrant): string {
    const signing = signingKey(this.#keys.access, this.#clock.now());
    const now = Math.floor(this.#clock.now().getTime() / 1000);
    const claims = {
      iss: this.issuer,
      aud: ACCESS_TOKEN_AUDIENCE,
      sub: grant.userId,
      org_id: grant.organizationId,
      role: grant.role,
      ver: grant.tokenVersion,
      iat: now,
      exp: now + lifetimeOf(grant.isGuest),
      jti: uuid(),
      ...(grant.isGuest ? { guest: true } : {}),
    };
    return jwt.sign(claims, remember(this.#private, signing, toPrivateKey), {
      algorithm: 'RS256',
      keyid: signing.kid,
      header: { alg: 'RS256', typ: ACCESS_TOKEN_TYPE },
    });
  }

  /** When a token ends, in seconds: when it says, and never later than ours do. */
  endOf({ iat, exp, guest }: Pick<AccessClaims, 'iat' | 'exp' | 'guest'>): number {
    return Math.min(exp, iat + lifetimeOf(guest));
  }

  /** Whether a token claims to hold for longer than ours do, and is over by our measure. */
  isOutlived({ iat, guest }: Pick<AccessClaims, 'iat' | 'guest'>): boolean {
    return this.#clock.now().getTime() / 1000 >= iat + lifetimeOf(guest);
  }

  /** The public key of that `kid`, if it is ours. */
  verificationKey(kid: string): KeyObject | undefined {
    const key = this.#keys.access.find((one) => one.kid === kid);
    return key && remember(this.#public, key, toPublicKey);
  }
}

function lifetimeOf(isGuest: true | undefined): number {
  return isGuest ? GUEST_TOKEN_LIFETIME : ACCESS_TOKEN_LIFETIME;
}

function remember(
  known: Map<string, KeyObject>,
  key: StoredKey,
  make: (key: StoredKey) => KeyObject,
): KeyObject {
  const made = known.get(key.kid) ?? make(key);
  known.set(key.kid, made);
  return made;
}

function toPrivateKey(key: StoredKey): KeyObject {
  return createPrivateKey({ key, format: 'jwk' });
}

function toPublicKey(key: StoredKey): KeyObject {
  return createPublicKey({ key: toPublic(key), format: 'jwk' });
}
