import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../../lib/clock.ts';
import { UnavailableError } from '../../errors.ts';
import type { TrustedIssuer } from './settings.ts';

/** How often keys are fetched. */
export interface KeyTimes {
  /** How long keys are used without looking again. */
  cacheMs: number;
  /** Least time between two fetches: tokens with made-up key ids cause no more than that. */
  cooldownMs: number;
}

/** The times that hold for everybody. */
export const KEY_TIMES: KeyTimes = { cacheMs: 600_000, cooldownMs: 30_000 };
const TIMEOUT_MS = 5_000;

const metadataSchema = z.looseObject({ issuer: z.string(), jwks_uri: z.url() });

/** The public keys of an issuer, fetched when they are needed. */
export class IssuerKeys {
  readonly #issuer: TrustedIssuer;
  readonly #clock: Clock;
  readonly #times: KeyTimes;
  #failedAt = -Infinity;
  #find: Promise<JWTVerifyGetKey> | undefined;

  constructor(issuer: TrustedIssuer, clock: Clock, times: KeyTimes = KEY_TIMES) {
    this.#issuer = issuer;
    this.#clock = clock;
    this.#times = times;
  }

  /**
   * The key that a token names.
   *
   * @throws {UnavailableError} while the issuer does not answer
   * @throws {errors.JWKSNoMatchingKey} when it has no such key
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    this.#find ??= this.#open();
    try {
      const find = await this.#find;
      return await find(header, token);
    } catch (error) {
      if (error instanceof UnavailableError) this.#find = undefined;
      throw error;
    }
  };

  async #open(): Promise<JWTVerifyGetKey> {
    const url = this.#issuer.jwks_uri ?? (await this.#discover());
    return createRemoteJWKSet(new URL(url), {
      cacheMaxAge: this.#times.cacheMs,
      cooldownDuration: this.#times.cooldownMs,
      timeoutDuration: TIMEOUT_MS,
      [customFetch]: (address, options) => this.#fetch(address, options),
    });
  }

  async #discover(): Promise<string> {
    const { issuer } = this.#issuer;
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.#fetch(address, { signal, redirect: 'error' });
    const metadata = metadataSchema.safeParse(await response.json());
    if (metadata.data?.issuer === issuer) return metadata.data.jwks_uri;
    throw this.#unavailable('it describes itself as somebody else');
  }

  /** jose keeps its distance after a success; after a failure we do, here. */
  async #fetch(address: string, options: RequestInit): Promise<Response> {
    if (this.#clock.now().getTime() - this.#failedAt < this.#times.cooldownMs) {
      throw new UnavailableError('The issuer did not answer lately; try again soon.');
    }
    try {
      const response = await fetch(address, options);
      if (response.status !== 200) throw this.#unavailable(`it answered ${response.status}`);
      return response;
    } catch (error) {
      throw this.#unavailable(error);
    }
  }

  #unavailable(cause: unknown): UnavailableError {
    this.#failedAt = this.#clock.now().getTime();
    return cause instanceof UnavailableError
      ? cause
      : new UnavailableError('The issuer does not answer; try again soon.', { cause });
  }
}
