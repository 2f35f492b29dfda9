import type { Dependencies } from '../../deps.ts';
import { createOrganization } from '../../commands/create-organization.ts';
import { ForbiddenError } from '../../errors.ts';
import { Organization } from '../../models/organization.ts';
import { authorize } from '../../policies/authorize.ts';
import { canCreateOrganization, canOrganization } from '../../policies/organization-policy.ts';
import { organizationSchema, presentOrganization } from '../../presenters/present-organization.ts';
import { etagOf } from '../etag.ts';
import { pageOf, readPage } from '../page.ts';
import { userRoute, type Route } from '../route.ts';
import { deleteOrganizationRoute, patchOrganization } from './change-organization.ts';
import { createOrganizationBody, listOrganizationsQuery, oneOrganization } from './schema.ts';

const TAG = 'Organisations';

/** Organisations: the tenants. */
export function organizationRoutes(deps: Dependencies): readonly Route[] {
  return [
    postOrganization(deps),
    listOrganizations,
    showOrganization,
    patchOrganization,
    deleteOrganizationRoute,
  ];
}

function postOrganization(deps: Dependencies): Route {
  return userRoute({
    method: 'post',
    path: '/orgs',
    summary: 'Make an organisation, and become its admin',
    tag: TAG,
    body: createOrganizationBody,
    problems: ['SLUG_TAKEN'],
    responses: { 201: organizationSchema },
    handle: async ({ actor, input, request }) => {
      if (!canCreateOrganization(actor)) throw new ForbiddenError();
      const context = { user: actor.user, request };
      const organization = await createOrganization(deps.database, context, input.body);
      const body = presentOrganization(organization);
      const headers = { Location: `/api/v1/orgs/${organization.id}`, ETag: etagOf(body) };
      return { status: 201, body, headers };
    },
  });
}

const listOrganizations = userRoute({
  method: 'get',
  path: '/orgs',
  summary: 'List your organisations; administrators of the platform see all',
  tag: TAG,
  query: listOrganizationsQuery,
  responses: { 200: pageOf(organizationSchema) },
  handle: async ({ trx, input }) => {
    const page = await readPage(Organization.live(trx), input.query);
    return { status: 200, body: { items: page.items.map(presentOrganization), next: page.next } };
  },
});

const showOrganization = userRoute({
  method: 'get',
  path: '/orgs/{id}',
  organizationParameter: 'id',
  summary: 'Show an organisation',
  tag: TAG,
  params: oneOrganization,
  responses: { 200: organizationSchema },
  handle: async ({ actor, trx, input }) => {
    const organization = await Organization.findLive(trx, input.params.id);
    authorize(canOrganization, actor, 'read', organization);
    const body = presentOrganization(organization);
    return { status: 200, body, headers: { ETag: etagOf(body) } };
  },
});
