import type { Clock } from '../../../lib/clock.ts';
import { recognizeByIssuer } from '../../commands/sign-in-by-issuer.ts';
import type { ApiConfig } from '../../config.ts';
import type { Database } from '../../db/database.ts';
import type { TokenSession } from '../actor.ts';
import { TrustedIssuers } from './trusted-issuers.ts';

const BEARER = /^Bearer ([A-Za-z0-9_.-]+)$/i;

/** What recognising people by tokens of other issuers needs. */
export interface ForeignTokenDependencies {
  config: Pick<ApiConfig, 'TRUSTED_ISSUERS' | 'OIDC_GROUPS_CLAIM' | 'OIDC_ROLES'>;
  database: Database;
  clock: Clock;
}

/** Recognises people by access tokens of issuers that are trusted. */
export class ForeignTokens {
  readonly #dependencies: ForeignTokenDependencies;
  readonly #issuers: TrustedIssuers;

  constructor(dependencies: ForeignTokenDependencies) {
    const { config, clock } = dependencies;
    this.#dependencies = dependencies;
    this.#issuers = new TrustedIssuers(config.TRUSTED_ISSUERS, config.OIDC_GROUPS_CLAIM, clock);
  }

  /**
   * Who calls with an `Authorization` header; undefined when it is no token of a trusted issuer.
   * The account is looked up with each call, so one that is gone is out at once.
   *
   * @throws {UnauthenticatedError} for a token of theirs that must not be believed
   * @throws {UnavailableError} while the keys of the issuer cannot be had
   */
  async recognize(authorization: string): Promise<TokenSession | undefined> {
    if (this.#dependencies.config.TRUSTED_ISSUERS.length === 0) return undefined;
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined || !this.#issuers.claims(token)) return undefined;
    const profile = await this.#issuers.verify(token);
    const { database, clock, config } = this.#dependencies;
    const deps = { database, rules: config.OIDC_ROLES, now: clock.now() };
    const user = await recognizeByIssuer(deps, profile);
    // Which organisation a call is for stands in its path or in the org-id header.
    return { userId: user.id, organizationId: null, tokenVersion: user.token_version };
  }
}
