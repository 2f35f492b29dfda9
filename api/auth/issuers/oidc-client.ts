import * as oidc from 'openid-client';
import { toError } from '../../../lib/errors.ts';
import type { ApiConfig } from '../../config.ts';
import { UnauthenticatedError, UnavailableError } from '../../errors.ts';
import { readProfile, type IssuerProfile } from './issuer-profile.ts';
import type { SignInFlow } from './sign-in-flow.ts';

const TIMEOUT_SECONDS = 5;

/** Settings of a client at an issuer. */
export interface OidcSettings {
  issuer: URL;
  clientId: string;
  /** Absent for a public client, which PKCE protects alone. */
  clientSecret: string | undefined;
  scopes: string;
  groupsClaim: string;
  /** Where the issuer sends people back to. */
  redirectUri: string;
}

/** The settings of a configuration; undefined where no issuer is set. */
export function oidcSettings(config: ApiConfig): OidcSettings | undefined {
  if (config.OIDC_ISSUER === undefined || config.OIDC_CLIENT_ID === undefined) return undefined;
  return {
    issuer: new URL(config.OIDC_ISSUER),
    clientId: config.OIDC_CLIENT_ID,
    clientSecret: config.OIDC_CLIENT_SECRET,
    scopes: config.OIDC_SCOPES,
    groupsClaim: config.OIDC_GROUPS_CLAIM,
    redirectUri: `${config.PUBLIC_URL.replace(/\/$/, '')}/api/v1/auth/oidc/callback`,
  };
}

/** Signs people in at an issuer: OpenID Connect, authorization code with PKCE, state and nonce. */
export class OidcClient {
  readonly #settings: OidcSettings;
  #configuration: Promise<oidc.Configuration> | undefined;

  constructor(settings: OidcSettings) {
    this.#settings = settings;
  }

  /**
   * Begins a sign-in.
   *
   * @returns where the browser goes, and what it keeps until it comes back
   * @throws {UnavailableError} while the issuer does not answer
   */
  async begin(): Promise<{ url: URL; flow: SignInFlow }> {
    const configuration = await this.#discovered();
    const flow = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
    };
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: this.#settings.redirectUri,
      scope: this.#settings.scopes,
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
    });
    return { url, flow };
  }

  /**
   * Ends a sign-in: exchanges the code, and checks the ID token with its signature.
   *
   * @param query what the issuer sent the browser back with
   * @param flow what the browser kept
   * @throws {UnauthenticatedError} when the issuer refuses, or anything does not match
   * @throws {UnavailableError} while the issuer does not answer
   */
  async finish(query: Record<string, string>, flow: SignInFlow): Promise<IssuerProfile> {
    const configuration = await this.#discovered();
    const current = new URL(this.#settings.redirectUri);
    current.search = new URLSearchParams(query).toString();
    try {
      const tokens = await oidc.authorizationCodeGrant(configuration, current, {
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        pkceCodeVerifier: flow.verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      const profile =
        claims && readProfile(await this.#complete(claims, tokens), this.#settings.groupsClaim);
      if (profile) return profile;
    } catch (error) {
      throw refusal(error);
    }
    throw refusal();
  }

  /** Many issuers put groups and address into the user info alone. */
  async #complete(
    claims: oidc.IDToken,
    tokens: oidc.TokenEndpointResponse,
  ): Promise<Record<string, unknown>> {
    const configuration = await this.#discovered();
    const hasAll = 'email' in claims && this.#settings.groupsClaim in claims;
    if (hasAll || configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
    const info = await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub);
    return { ...info, ...claims };
  }

  /** Once; again after a failure. */
  async #discovered(): Promise<oidc.Configuration> {
    this.#configuration ??= this.#discover();
    try {
      return await this.#configuration;
    } catch (error) {
      this.#configuration = undefined;
      throw new UnavailableError('The issuer does not answer; try again soon.', {
        cause: toError(error),
      });
    }
  }

  #discover(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings;
    const authentication =
      clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret);
    const execute = [oidc.enableNonRepudiationChecks];
    // The settings allow it for loopback addresses only.
    if (issuer.protocol === 'http:') execute.push(oidc.allowInsecureRequests);
    const options = { execute, timeout: TIMEOUT_SECONDS };
    return oidc.discovery(issuer, clientId, clientSecret, authentication, options);
  }
}

function refusal(cause?: unknown): UnauthenticatedError {
  const message = 'The issuer did not confirm the sign-in; begin again.';
  return new UnauthenticatedError('INVALID_CREDENTIALS', message, { cause });
}
