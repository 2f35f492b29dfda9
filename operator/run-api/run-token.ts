import { createSecretKey, type KeyObject } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { RunApiError } from './errors.ts';

const ALGORITHM = 'HS256';
const TYPE = 'quartermaster-run+jwt';
const ISSUER = 'quartermaster-operator';
const AUDIENCE = 'quartermaster-run-api';

const claimsSchema = z.object({ run: z.string().min(1), uid: z.string().min(1) });

/** What a token says: which run, by name and by uid. */
export type RunClaims = z.infer<typeof claimsSchema>;

/** Issues and verifies the tokens of runs. Nothing is stored: every replica knows the key. */
export class RunTokens {
  readonly #key: KeyObject;

  /** @param key at least 32 random bytes */
  constructor(key: Buffer) {
    this.#key = createSecretKey(key);
  }

  /** A token for one run. */
  issue(claims: RunClaims, issuedAt: Date, lifeSeconds: number): Promise<string> {
    const seconds = Math.floor(issuedAt.getTime() / 1000);
    return new SignJWT({ run: claims.run, uid: claims.uid })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + lifeSeconds)
      .sign(this.#key);
  }

  /** @throws {RunApiError} 401, without a word about why */
  async verify(token: string, now: Date): Promise<RunClaims> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['exp'],
        currentDate: now,
      });
      return claimsSchema.parse(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) {
        throw new RunApiError(401, 'INVALID_TOKEN', 'the token is not valid');
      }
      throw error;
    }
  }
}
