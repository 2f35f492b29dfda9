import { z } from 'zod';
import type { Dependencies } from '../../deps.ts';
import {
  changePassword,
  requestPasswordReset,
  resetPassword,
} from '../../commands/change-password.ts';
import { ForbiddenError } from '../../errors.ts';
import { publicRoute, sessionRoute, type Route } from '../route.ts';
import {
  changePasswordBody,
  forgotPasswordBody,
  resetPasswordBody,
  tokenPairSchema,
} from './schema.ts';

const TAG = 'Sign-in';

/** Changing a password, and choosing one after it was forgotten. */
export function passwordRoutes(deps: Dependencies): readonly Route[] {
  return [change(deps), forgot(deps), reset(deps)];
}

function change(deps: Dependencies): Route {
  return sessionRoute({
    method: 'post',
    path: '/auth/password',
    summary: 'Change your password',
    description: 'Every other sign-in of yours ends at once; go on with the new tokens.',
    tag: TAG,
    isSignIn: true,
    body: changePasswordBody,
    problems: ['INVALID_CREDENTIALS', 'FORBIDDEN'],
    responses: { 200: tokenPairSchema },
    handle: async ({ actor, input, request }) => {
      if (actor.user.apiKey) throw new ForbiddenError('A key has no password.');
      const { current_password: current, new_password: next } = input.body;
      const organizationId = actor.membership?.organizationId ?? null;
      const body = await changePassword(
        deps,
        { user: actor.user, organizationId, current, next },
        request,
      );
      return { status: 200, body, headers: { 'Cache-Control': 'no-store' } };
    },
  });
}

function forgot(deps: Dependencies): Route {
  return publicRoute({
    method: 'post',
    path: '/auth/password/forgot',
    summary: 'Ask for a mail to choose a new password with',
    description:
      'The answer is the same whether there is such an account or not. Without a mail server: ' +
      '503 MAIL_NOT_CONFIGURED.',
    tag: TAG,
    isSignIn: true,
    body: forgotPasswordBody,
    problems: ['MAIL_NOT_CONFIGURED'],
    responses: { 202: z.object({ status: z.literal('accepted') }) },
    handle: async ({ input }) => {
      await requestPasswordReset(deps, input.body.email);
      return { status: 202, body: { status: 'accepted' } };
    },
  });
}

function reset(deps: Dependencies): Route {
  return publicRoute({
    method: 'post',
    path: '/auth/password/reset',
    summary: 'Choose a new password with the token of a mail',
    description: 'The token works once, for an hour. Every sign-in of the account ends.',
    tag: TAG,
    isSignIn: true,
    body: resetPasswordBody,
    problems: ['RESET_INVALID'],
    responses: { 204: null },
    handle: async ({ input, request }) => {
      await resetPassword(deps, input.body, request);
      return { status: 204 };
    },
  });
}
