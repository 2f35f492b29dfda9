import { decodeJwt, errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';
import type { Clock } from '../../../lib/clock.ts';
import { UnauthenticatedError } from '../../errors.ts';
import { IssuerKeys, type KeyTimes } from './issuer-keys.ts';
import { readProfile, type IssuerProfile } from './issuer-profile.ts';
import type { TrustedIssuer } from './settings.ts';

/** Asymmetric ones only: with the others the public key would be the secret. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'EdDSA',
];
/** Seconds by which clocks may differ. */
const CLOCK_TOLERANCE = 5;
/** Claims that ID tokens have and access tokens do not (OpenID Connect Core §2, §3.1.3.6). */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash'];

/** Verifies access tokens of issuers other than ourselves. */
export class TrustedIssuers {
  readonly #groupsClaim: string;
  readonly #issuers: ReadonlyMap<string, { settings: TrustedIssuer; keys: IssuerKeys }>;

  /**
   * @param groupsClaim name of the claim with a person's groups
   * @param times how often keys are fetched, if not as usual
   */
  constructor(
    issuers: readonly TrustedIssuer[],
    groupsClaim: string,
    clock: Clock,
    times?: KeyTimes,
  ) {
    this.#groupsClaim = groupsClaim;
    this.#issuers = new Map(
      issuers.map((settings) => [
        settings.issuer,
        { settings, keys: new IssuerKeys(settings, clock, times) },
      ]),
    );
  }

  /** Whether a token says that it comes from one of them; nothing is verified by that. */
  claims(token: string): boolean {
    return this.#issuers.has(issuerOf(token) ?? '');
  }

  /**
   * Whom an access token is of.
   *
   * @throws {UnauthenticatedError} for a token that must not be believed, or is over
   * @throws {UnavailableError} while the keys of the issuer cannot be had
   */
  async verify(token: string): Promise<IssuerProfile> {
    const issuer = this.#issuers.get(issuerOf(token) ?? '');
    if (!issuer) throw invalidToken();
    const { settings, keys } = issuer;
    try {
      const { payload } = await jwtVerify(token, keys.find, verificationOptions(settings));
      const profile = isIdToken(payload) ? undefined : readProfile(payload, this.#groupsClaim);
      if (profile) return profile;
    } catch (error) {
      throw toRefusal(error);
    }
    throw invalidToken();
  }
}

function verificationOptions({ issuer, audience, token_type }: TrustedIssuer): JWTVerifyOptions {
  return {
    ...{ issuer, audience, algorithms: ALGORITHMS, clockTolerance: CLOCK_TOLERANCE },
    requiredClaims: ['sub', 'exp', 'iat'],
    ...(token_type === 'any' ? {} : { typ: token_type }),
  };
}

/** By the claims: `typ` in the payload is how Keycloak tells them apart. */
function isIdToken(payload: JWTPayload): boolean {
  return ID_TOKEN_CLAIMS.some((claim) => claim in payload) || payload['typ'] === 'ID';
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

function toRefusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) {
    return new UnauthenticatedError('TOKEN_EXPIRED', 'The token has expired; get a new one.');
  }
  // What is no fault of the token (the issuer is away, say) is told as it is.
  return error instanceof errors.JOSEError ? invalidToken(error) : error;
}

function invalidToken(cause?: unknown): UnauthenticatedError {
  return new UnauthenticatedError('INVALID_TOKEN', 'The access token is not valid.', { cause });
}
