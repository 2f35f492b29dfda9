import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import type { Clock } from '../../lib/clock.ts';
import type { KeySet } from './key-set.ts';

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
  readonly #signing: { kid: string; key: KeyObject };
  readonly #verification: ReadonlyMap<string, KeyObject>;
  readonly #clock: Clock;

  constructor(keys: KeySet, issuer: string, clock: Clock) {
    // KeyObjects, made once: parsing a key costs more than verifying with it.
    const entries = keys.access.map((jwk) => ({ kid: jwk.kid, key: toPrivateKey(jwk) }));
    const [first] = entries;
    if (!first) throw new TypeError('there is no key to sign access tokens with');
    this.issuer = issuer;
    this.#signing = first;
    this.#verification = new Map(entries.map(({ kid, key }) => [kid, createPublicKey(key)]));
    this.#clock = clock;
  }

  /** An access token (compact JWS, RS256). */
  issue(grant: AccessGrant): string {
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
    return jwt.sign(claims, this.#signing.key, {
      algorithm: 'RS256',
      keyid: this.#signing.kid,
      header: { alg: 'RS256', typ: ACCESS_TOKEN_TYPE },
    });
  }

  /** Whether a token claims to hold for longer than ours do, and is over by our measure. */
  isOutlived({ iat, guest }: Pick<AccessClaims, 'iat' | 'guest'>): boolean {
    return this.#clock.now().getTime() / 1000 >= iat + lifetimeOf(guest);
  }

  /** The public key of that `kid`, if it is ours. */
  verificationKey(kid: string): KeyObject | undefined {
    return this.#verification.get(kid);
  }
}

function lifetimeOf(isGuest: true | undefined): number {
  return isGuest ? GUEST_TOKEN_LIFETIME : ACCESS_TOKEN_LIFETIME;
}

function toPrivateKey(jwk: Record<string, unknown>): KeyObject {
  return createPrivateKey({ key: jwk, format: 'jwk' });
}
