import type { Dependencies } from '../../deps.ts';
import { refreshSession, signOut } from '../../commands/refresh-session.ts';
import { registerUser } from '../../commands/register-user.ts';
import { signIn } from '../../commands/sign-in.ts';
import { presentUser, userSchema } from '../../presenters/present-user.ts';
import { publicRoute, type Route } from '../route.ts';
import { guestRoute } from './guest.ts';
import { showMe } from './me.ts';
import { oidcRoutes } from './oidc.ts';
import { passwordRoutes } from './password.ts';
import { loginBody, refreshBody, registerBody, tokenPairSchema } from './schema.ts';

const TAG = 'Sign-in';
/** Tokens never stay in a cache (RFC 6749 §5.1). */
const NO_STORE = { 'Cache-Control': 'no-store' };

/** Registering, signing in and out, and who one is. */
export function authRoutes(deps: Dependencies): readonly Route[] {
  return [
    register(deps),
    login(deps),
    refresh(deps),
    logout(deps),
    ...passwordRoutes(deps),
    guestRoute(deps),
    ...oidcRoutes(deps),
    showMe,
  ];
}

function register(deps: Dependencies): Route {
  return publicRoute({
    method: 'post',
    path: '/auth/register',
    summary: 'Make an account',
    description: 'With the token of an invitation you are a member of its organisation at once.',
    tag: TAG,
    isSignIn: true,
    body: registerBody,
    problems: ['REGISTRATION_CLOSED', 'INVITATION_REQUIRED', 'INVITATION_INVALID', 'EMAIL_TAKEN'],
    responses: { 201: userSchema },
    handle: async ({ input, request }) => {
      const user = await registerUser(deps, input.body, request);
      return { status: 201, body: presentUser(user) };
    },
  });
}

function login(deps: Dependencies): Route {
  return publicRoute({
    method: 'post',
    path: '/auth/login',
    summary: 'Sign in',
    description: 'Without organization_id the token is for the only organisation that you are in.',
    tag: TAG,
    isSignIn: true,
    body: loginBody,
    problems: ['INVALID_CREDENTIALS', 'NOT_A_MEMBER'],
    responses: { 200: tokenPairSchema },
    handle: async ({ input, request }) => {
      const body = await signIn(deps, input.body, request.address);
      return { status: 200, body, headers: NO_STORE };
    },
  });
}

function refresh(deps: Dependencies): Route {
  return publicRoute({
    method: 'post',
    path: '/auth/refresh',
    summary: 'Get new tokens for a refresh token',
    description: 'The refresh token is spent. Using it again ends every token of that sign-in.',
    tag: TAG,
    body: refreshBody,
    problems: ['INVALID_TOKEN'],
    responses: { 200: tokenPairSchema },
    handle: async ({ input }) => {
      const pair = await refreshSession(deps, input.body.refresh_token);
      return { status: 200, body: pair, headers: NO_STORE };
    },
  });
}

function logout(deps: Dependencies): Route {
  return publicRoute({
    method: 'post',
    path: '/auth/logout',
    summary: 'Sign out: end the refresh tokens of a sign-in',
    tag: TAG,
    body: refreshBody,
    problems: ['INVALID_TOKEN'],
    responses: { 204: null },
    handle: async ({ input }) => {
      await signOut(deps, input.body.refresh_token);
      return { status: 204 };
    },
  });
}
