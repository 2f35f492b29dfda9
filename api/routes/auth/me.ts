import { Organization } from '../../models/organization.ts';
import { User } from '../../models/user.ts';
import { permissionsOf } from '../../policies/permissions.ts';
import { presentOrganization } from '../../presenters/present-organization.ts';
import { presentUser } from '../../presenters/present-user.ts';
import { userRoute } from '../route.ts';
import { meSchema } from './schema.ts';

/** `GET /auth/me` */
export const showMe = userRoute({
  method: 'get',
  path: '/auth/me',
  summary: 'Show who you are, and what you may do in the organisation of the call',
  tag: 'Sign-in',
  responses: { 200: meSchema },
  handle: async ({ actor, trx }) => {
    const user = await User.query(trx)
      .select(User.columns)
      .findById(actor.user.id)
      .throwIfNotFound();
    const { membership } = actor;
    const organization = membership
      ? await Organization.query(trx)
          .select(Organization.columns)
          .findById(membership.organizationId)
          .throwIfNotFound()
      : null;
    const body = {
      user: presentUser(user),
      organization: organization && presentOrganization(organization),
      role: membership?.role ?? null,
      api_key: actor.user.apiKey ?? null,
      abilities: membership ? permissionsOf(membership) : [],
    };
    return { status: 200, body };
  },
});
