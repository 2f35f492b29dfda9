import {
  ADMIN,
  DECIDERS,
  EVERYBODY,
  made,
  newMember,
  newName,
  organization,
  pendingRequest,
  PROJECT,
  type AccessRow,
  type AccessWorld,
} from './access-row.ts';
import { newRequest } from '../requests/requests.ts';

const projects = ({ team }: AccessWorld): string => `/api/v1/orgs/${team.organizationId}/projects`;
const newProject = async (world: AccessWorld): Promise<Record<string, string>> => ({
  ...(await made(projects, newName)(world)),
  org_id: world.team.organizationId,
});
const projectMember = async (world: AccessWorld): Promise<Record<string, string>> => {
  const { id = '', org_id = '' } = await newProject(world);
  const { id: user_id } = world.people.readOnly;
  await world.people.admin.client.post(`${projects(world)}/${id}/members`, { user_id });
  return { id, org_id, user_id };
};
const newTeam = made(() => '/api/v1/teams', newName);
const teamMember = async (world: AccessWorld): Promise<Record<string, string>> => {
  const { id = '' } = await newTeam(world);
  const { id: user_id } = world.people.readOnly;
  await world.people.admin.client.post(`/api/v1/teams/${id}/members`, { user_id });
  return { id, user_id };
};
const oneMember = async (world: AccessWorld): Promise<Record<string, string>> => ({
  id: world.team.organizationId,
  user_id: (await newMember(world)).id,
});
const newPerson = (): { email: string; role: string } => ({
  email: `${newName().name}@example.com`,
  role: 'developer',
});
const role = (): Promise<Record<string, string>> => Promise.resolve({ role: 'approver' });
const newKey = (): object => ({ ...newName(), role: 'read_only' });
const apiKey = made(() => '/api/v1/api-keys', newKey);
const newWebhook = (): object => ({ url: 'https://hooks.example.com/qm' });
const webhook = made(() => '/api/v1/webhooks', newWebhook);
const readOnlyId = ({ people }: AccessWorld): object => ({ user_id: people.readOnly.id });

/** Who may call each route within an organisation. See access.test.ts for how a row is added. */
export const ACCESS_TABLE: Readonly<Record<string, AccessRow>> = {
  'GET /teams': { who: EVERYBODY },
  'POST /teams': { who: ADMIN, body: newName },
  'GET /teams/{id}': { who: EVERYBODY, make: newTeam },
  'PUT /teams/{id}': { who: ADMIN, make: newTeam, body: newName },
  'DELETE /teams/{id}': { who: ADMIN, make: newTeam },
  'GET /teams/{id}/members': { who: EVERYBODY, make: newTeam },
  'POST /teams/{id}/members': { who: ADMIN, make: newTeam, body: readOnlyId },
  'DELETE /teams/{id}/members/{user_id}': { who: ADMIN, make: teamMember },
  'GET /users/me/team': { who: EVERYBODY, orElse: [404] },
  'GET /users/me/team/members': { who: EVERYBODY, orElse: [404] },
  'GET /users/me/teams': { who: EVERYBODY },

  'GET /rbac/policies': { who: ADMIN },
  'GET /rbac/policies/{role}': { who: ADMIN, make: role },
  'PUT /rbac/policies/{role}': {
    who: ADMIN,
    make: () => Promise.resolve({ role: 'admin' }),
    body: () => ({ permissions: [{ action: '*', resource: '*' }] }),
  },
  'GET /quotas': { who: ADMIN },
  'PUT /quotas': { who: ADMIN, body: () => ({}) },
  'GET /usage': { who: ADMIN, query: '?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z' },
  'GET /audit-logs': { who: ADMIN },
  'GET /audit-logs/export': { who: ADMIN },

  'PATCH /orgs/{id}': { who: ADMIN, make: organization('id'), body: () => ({ name: 'Org' }) },
  // It has a project, so it stays.
  'DELETE /orgs/{id}': { who: ADMIN, make: organization('id'), orElse: [409] },
  'GET /orgs/{id}/members': { who: EVERYBODY, make: organization('id') },
  'POST /orgs/{id}/members': {
    who: ADMIN,
    make: organization('id'),
    body: ({ people }) => ({ user_id: people.readOnly.id, role: 'read_only' }),
    orElse: [409],
  },
  'PATCH /orgs/{id}/members/{user_id}': {
    who: ADMIN,
    make: oneMember,
    body: () => ({ role: 'approver' }),
  },
  'DELETE /orgs/{id}/members/{user_id}': { who: ADMIN, make: oneMember },
  // No mail server is configured here.
  'POST /orgs/{id}/invitations': {
    who: ADMIN,
    make: organization('id'),
    body: newPerson,
    orElse: [503],
  },
  'GET /orgs/{id}/invitations': { who: ADMIN, make: organization('id') },
  'DELETE /orgs/{id}/invitations/{invitation_id}': {
    who: ADMIN,
    make: async (world) => ({ ...(await organization('id')(world)), ...NO_INVITATION }),
    orElse: [404],
  },
  'GET /orgs/{org_id}/projects': { who: EVERYBODY, make: organization('org_id') },
  'POST /orgs/{org_id}/projects': { who: ADMIN, make: organization('org_id'), body: newName },
  'GET /orgs/{org_id}/projects/{id}': { who: EVERYBODY, make: newProject },
  'PATCH /orgs/{org_id}/projects/{id}': { who: ADMIN, make: newProject, body: newName },
  'DELETE /orgs/{org_id}/projects/{id}': { who: ADMIN, make: newProject },
  'GET /orgs/{org_id}/projects/{id}/members': { who: EVERYBODY, make: newProject },
  'POST /orgs/{org_id}/projects/{id}/members': {
    who: ADMIN,
    make: newProject,
    body: readOnlyId,
  },
  'DELETE /orgs/{org_id}/projects/{id}/members/{user_id}': { who: ADMIN, make: projectMember },

  'GET /api-keys': { who: ADMIN },
  'POST /api-keys': { who: ADMIN, body: newKey },
  'DELETE /api-keys/{id}': { who: ADMIN, make: apiKey },
  'GET /webhooks': { who: ADMIN },
  'POST /webhooks': { who: ADMIN, body: newWebhook },
  'GET /webhooks/{id}': { who: ADMIN, make: webhook },
  'PATCH /webhooks/{id}': { who: ADMIN, make: webhook, body: () => ({ is_enabled: false }) },
  'DELETE /webhooks/{id}': { who: ADMIN, make: webhook },
  'GET /webhooks/{id}/deliveries': { who: ADMIN, make: webhook },
  'POST /webhooks/{id}/deliveries/{delivery_id}/resend': {
    who: ADMIN,
    make: async (world) => ({ ...(await webhook(world)), ...NO_DELIVERY }),
    orElse: [404],
  },

  'GET /resource-classes': { who: EVERYBODY },
  'GET /resource-classes/{name}': {
    who: EVERYBODY,
    make: () => Promise.resolve({ name: 'trivial' }),
  },
  'GET /resource-requests': { who: EVERYBODY },
  'POST /resource-requests': { who: PROJECT, body: ({ team }) => newRequest(team) },
  'GET /resource-requests/{id}': { who: EVERYBODY, make: pendingRequest },
  'PATCH /resource-requests/{id}': {
    who: PROJECT,
    make: pendingRequest,
    body: () => ({ parameters: { text: 'other' } }),
  },
  'DELETE /resource-requests/{id}': { who: PROJECT, make: pendingRequest },
  'POST /resource-requests/{id}/cancel': { who: PROJECT, make: pendingRequest },
  'POST /resource-requests/{id}/retry': { who: PROJECT, make: pendingRequest, orElse: [409] },
  // Without If-Match.
  'POST /resource-requests/{id}/approve': {
    who: DECIDERS,
    make: pendingRequest,
    toRequester: 'SELF_APPROVAL',
    body: () => ({}),
    orElse: [428],
  },
  'POST /resource-requests/{id}/reject': {
    who: DECIDERS,
    make: pendingRequest,
    toRequester: 'SELF_APPROVAL',
    body: () => ({ reason: 'no' }),
  },
  // Its class wants none.
  'GET /resource-requests/{id}/plan': { who: EVERYBODY, make: pendingRequest, orElse: [404] },
  'GET /resource-requests/{id}/events': { who: EVERYBODY, make: pendingRequest },
  'GET /resource-requests/{id}/runs': { who: EVERYBODY, make: pendingRequest },
  'GET /resource-requests/{id}/runs/{run}/log': {
    who: EVERYBODY,
    make: pendingRequest,
    orElse: [404],
  },
  // Nothing is there yet.
  'GET /resource-requests/{id}/credentials': {
    who: PROJECT,
    make: pendingRequest,
    orElse: [404, 409],
  },
  'POST /resource-requests/{id}/credentials/grants': {
    who: PROJECT,
    make: pendingRequest,
    orElse: [404, 409],
  },
  'POST /resource-requests/{id}/credentials/reveal': {
    who: PROJECT,
    make: pendingRequest,
    body: () => ({ grant: 'x'.repeat(43) }),
    orElse: [403, 404, 409],
  },
};

const NO_INVITATION = { invitation_id: '01890000-0000-7000-8000-000000000001' };
const NO_DELIVERY = { delivery_id: '01890000-0000-7000-8000-000000000001' };

/** Routes of everybody who is signed in, in no organisation or in several. */
export const SIGNED_IN: readonly string[] = [
  'POST /auth/password',
  'GET /auth/me',
  'POST /orgs',
  'GET /orgs',
  'GET /orgs/{id}',
  'POST /invitations/accept',
];

/** Routes that ask for no credentials, or look at them themselves. */
export const PUBLIC: readonly string[] = [
  'POST /auth/register',
  'POST /auth/login',
  'POST /auth/refresh',
  'POST /auth/logout',
  'POST /auth/guest',
  'GET /auth/oidc/login',
  'GET /auth/oidc/callback',
  'POST /auth/password/forgot',
  'POST /auth/password/reset',
  'GET /',
  'GET /health',
  'GET /api/v1/health',
  'GET /ready',
  'GET /.well-known/jwks.json',
  'GET /openapi.json',
  'GET /docs',
  'GET /invitation',
  'GET /pages/{file}',
  'GET /password-reset',
  'GET /docs/{file}',
];
