import { deleteOrganization, updateOrganization } from '../../commands/change-organization.ts';
import { Organization } from '../../models/organization.ts';
import { authorize } from '../../policies/authorize.ts';
import { canOrganization } from '../../policies/organization-policy.ts';
import { organizationSchema, presentOrganization } from '../../presenters/present-organization.ts';
import { etagOf, requireFresh } from '../etag.ts';
import { memberRoute } from '../route.ts';
import { oneOrganization, updateOrganizationBody } from './schema.ts';

const TAG = 'Organisations';

/** `PATCH /orgs/{id}` */
export const patchOrganization = memberRoute({
  method: 'patch',
  path: '/orgs/{id}',
  organizationParameter: 'id',
  summary: 'Change an organisation',
  tag: TAG,
  params: oneOrganization,
  body: updateOrganizationBody,
  ifMatch: 'optional',
  responses: { 200: organizationSchema },
  handle: async ({ actor, trx, input, request }) => {
    const organization = await Organization.lockLive(trx, input.params.id);
    authorize(canOrganization, actor, 'update', organization);
    requireFresh(request.ifMatch, presentOrganization(organization));
    const context = { actor, trx, request };
    const body = presentOrganization(await updateOrganization(context, organization, input.body));
    return { status: 200, body, headers: { ETag: etagOf(body) } };
  },
});

/** `DELETE /orgs/{id}` */
export const deleteOrganizationRoute = memberRoute({
  method: 'delete',
  path: '/orgs/{id}',
  organizationParameter: 'id',
  summary: 'Delete an organisation that has no projects',
  tag: TAG,
  params: oneOrganization,
  ifMatch: 'optional',
  problems: ['HAS_PROJECTS'],
  responses: { 204: null },
  handle: async ({ actor, trx, input, request }) => {
    const organization = await Organization.lockLive(trx, input.params.id);
    authorize(canOrganization, actor, 'delete', organization);
    requireFresh(request.ifMatch, presentOrganization(organization));
    await deleteOrganization({ actor, trx, request }, organization);
    return { status: 204 };
  },
});
