import { expect } from 'chai';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem, type Answer } from '../support/api/test-client.ts';
import { catalogueOf, ordinaryClasses } from '../support/requests/class-objects.ts';
import { newRequest, REQUESTS } from '../support/requests/requests.ts';

const POLICIES = '/api/v1/rbac/policies';

interface Policy {
  role: string;
  permissions: { action: string; resource: string }[];
  is_default: boolean;
}

describe('policies of roles over HTTP', () => {
  let api: TestApi;
  let team: Team;
  before(async () => {
    api = await startTestApi({ classes: catalogueOf(ordinaryClasses()) });
  });
  beforeEach(async () => {
    team = await buildTeam(api);
  });
  after(() => api.close());

  const put = (
    role: string,
    permissions: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    team.admin.client.send('PUT', `${POLICIES}/${role}`, { body: { permissions }, headers });
  const refused = async (role: string, permissions: unknown, pointer: string): Promise<void> => {
    const { errors } = expectProblem(await put(role, permissions), 422, 'VALIDATION_FAILED');
    expect(errors?.[0]?.pointer).to.equal(pointer);
  };

  const widening = [
    ['read_only', { action: 'create', resource: 'resource_requests' }],
    ['read_only', { action: 'read', resource: 'credentials' }],
    ['read_only', { action: 'read', resource: '*' }],
    ['read_only', { action: '*', resource: '*' }],
    ['developer', { action: 'approve', resource: 'resource_requests' }],
    ['developer', { action: '*', resource: 'resource_requests' }],
    ['approver', { action: 'read', resource: 'audit_logs' }],
    ['approver', { action: 'update', resource: 'role_policies' }],
    ['admin', { action: 'explode', resource: 'projects' }],
  ] as const;
  for (const [role, permission] of widening) {
    it(`refuses ${role} ${permission.action} of ${permission.resource}`, async () => {
      const read = { action: 'read', resource: 'projects' };
      await refused(role, [read, permission], '/permissions/1');
    });
  }

  it('refuses resources and fields that do not exist, and roles', async () => {
    await refused('admin', [{ action: 'read', resource: 'moon' }], '/permissions/0/resource');
    const permission = { action: 'read', resource: 'projects', allow: true };
    await refused('admin', [permission], '/permissions/0/allow');
    expectProblem(await put('owner', []), 404, 'NOT_FOUND');
  });

  it('refuses what would keep everybody from writing policies', async () => {
    await refused('admin', [{ action: '*', resource: 'projects' }], '/permissions');
  });

  it('refuses more than who writes it has', async () => {
    const kept = { action: '*', resource: 'role_policies' };
    expect((await put('admin', [kept])).status).to.equal(200);
    await refused('developer', [{ action: 'read', resource: 'projects' }], '/permissions/0');
    await refused('admin', [{ action: '*', resource: '*' }], '/permissions/0');
  });

  it('narrows a role from the next call on, and shows it to its people', async () => {
    const ask = (): Promise<Answer> => team.developer.client.post(REQUESTS, newRequest(team));
    expect((await ask()).status).to.equal(201);
    const permissions = [
      { action: 'read', resource: 'resource_requests' },
      { action: '*', resource: 'resource_classes' },
    ];
    expect((await put('developer', permissions)).body).to.include({ is_default: false });
    expectProblem(await ask(), 403, 'FORBIDDEN');
    expect((await team.developer.client.get(REQUESTS)).status).to.equal(200);
    expect((await team.developer.client.get('/api/v1/resource-classes')).status).to.equal(200);
    expectProblem(await team.developer.client.get('/api/v1/teams'), 403, 'FORBIDDEN');
    const me = await team.developer.client.get('/api/v1/auth/me');
    expect(me.body['abilities']).to.deep.equal(permissions);
    expect((await team.approver.client.get('/api/v1/teams')).status).to.equal(200);
  });

  it('narrows the keys of a role as well', async () => {
    const body = { name: 'key', role: 'developer' };
    const made = await team.admin.client.post<{ key: string }>('/api/v1/api-keys', body);
    const client = api.client.with({ 'x-api-key': made.body.key });
    const ask = (): Promise<Answer> => client.post(REQUESTS, newRequest(team));
    expect((await ask()).status).to.equal(201);
    await put('developer', [{ action: 'read', resource: 'projects' }]);
    expectProblem(await ask(), 403, 'FORBIDDEN');
  });

  it('does not touch the roles of another organisation', async () => {
    const other = await buildTeam(api);
    await put('developer', []);
    const { body } = await other.admin.client.get<{ items: Policy[] }>(POLICIES);
    expect(body.items.map(({ role, is_default }) => [role, is_default])).to.deep.equal([
      ['admin', true],
      ['approver', true],
      ['developer', true],
      ['read_only', true],
    ]);
  });

  it('is written by who saw the present one', async () => {
    const shown = await team.admin.client.get(`${POLICIES}/approver`);
    const headers = { 'if-match': shown.headers.get('etag') ?? '' };
    expect((await put('approver', [], headers)).status).to.equal(200);
    expectProblem(await put('approver', [], headers), 412, 'STALE');
  });
});
