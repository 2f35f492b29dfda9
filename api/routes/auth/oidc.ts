import { z } from 'zod';
import { OidcClient, oidcSettings } from '../../auth/issuers/oidc-client.ts';
import { endedFlowCookie, flowCookie, readFlow } from '../../auth/issuers/sign-in-flow.ts';
import { signInByIssuer } from '../../commands/sign-in-by-issuer.ts';
import type { Dependencies } from '../../deps.ts';
import { BadRequestError, NotFoundError } from '../../errors.ts';
import { publicRoute, type Route } from '../route.ts';
import { tokenPairSchema } from './schema.ts';

const TAG = 'Sign-in';

/** Signing in at an issuer (OpenID Connect), where one is set. */
export function oidcRoutes(deps: Dependencies): readonly Route[] {
  const settings = oidcSettings(deps.config);
  const client = settings && new OidcClient(settings);
  return [begin(deps, client), finish(deps, client)];
}

function begin(deps: Dependencies, client: OidcClient | undefined): Route {
  return publicRoute({
    method: 'get',
    path: '/auth/oidc/login',
    summary: 'Sign in at the issuer of your company',
    description: 'Open it in a browser: it leads to the issuer, and from there to the callback.',
    tag: TAG,
    isSignIn: true,
    problems: ['NOT_FOUND'],
    responses: { 302: null },
    handle: async () => {
      const { url, flow } = await requireClient(client).begin();
      const headers = {
        Location: url.href,
        'Set-Cookie': flowCookie(flow, isEncrypted(deps)),
        'Cache-Control': 'no-store',
      };
      return { status: 302, headers };
    },
  });
}

function finish(deps: Dependencies, client: OidcClient | undefined): Route {
  return publicRoute({
    method: 'get',
    path: '/auth/oidc/callback',
    summary: 'Where the issuer sends the browser back to',
    description: 'The first sign-in makes your account; your groups at the issuer give you roles.',
    tag: TAG,
    isSignIn: true,
    // Issuers add parameters of their own.
    query: z.looseObject({ state: z.string().max(1000).optional() }),
    problems: [
      'NOT_FOUND',
      'SIGN_IN_NOT_BEGUN',
      'INVALID_TOKEN',
      'INVALID_CREDENTIALS',
      'EMAIL_REQUIRED',
      'ACCOUNT_NOT_PROVEN',
    ],
    responses: { 200: tokenPairSchema },
    handle: async ({ input, request }) => {
      const issuer = requireClient(client);
      const flow = readFlow(request.cookie, isEncrypted(deps));
      if (!flow) {
        const message = 'This sign-in was not begun in this browser, or too long ago.';
        throw new BadRequestError(message, 'SIGN_IN_NOT_BEGUN');
      }
      const profile = await issuer.finish(textsOf(input.query), flow);
      const body = await signInByIssuer(deps, profile);
      const headers = {
        'Set-Cookie': endedFlowCookie(isEncrypted(deps)),
        'Cache-Control': 'no-store',
      };
      return { status: 200, body, headers };
    },
  });
}

function requireClient(client: OidcClient | undefined): OidcClient {
  if (client) return client;
  throw new NotFoundError('No issuer is set here; sign in with a password.');
}

function isEncrypted({ config }: Pick<Dependencies, 'config'>): boolean {
  return config.PUBLIC_URL.startsWith('https:');
}

/** A parameter that comes twice is none that we know. */
function textsOf(query: Record<string, unknown>): Record<string, string> {
  const texts = Object.entries(query).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(texts);
}
