import { z } from 'zod';
import { createGuest } from '../../commands/create-guest.ts';
import type { Dependencies } from '../../deps.ts';
import { publicRoute, type Route } from '../route.ts';

const guestTokenSchema = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().meta({ description: 'Seconds until everything of the guest is removed.' }),
    name: z.string().meta({ example: 'guest-4711' }),
    organization_id: z.uuid(),
    project_id: z.uuid(),
  })
  .meta({ id: 'GuestToken' });

/** `POST /auth/guest` */
export function guestRoute(deps: Dependencies): Route {
  return publicRoute({
    method: 'post',
    path: '/auth/guest',
    summary: 'Look around for an hour, without an account',
    description:
      'In an organisation of your own with a project, which nobody else sees. After an hour what ' +
      'you made is deprovisioned, and everything of you is removed.',
    tag: 'Sign-in',
    isSignIn: true,
    problems: ['GUESTS_DISABLED'],
    responses: { 201: guestTokenSchema },
    handle: async ({ request }) => {
      const body = await createGuest(deps, request);
      return { status: 201, body, headers: { 'Cache-Control': 'no-store' } };
    },
  });
}
