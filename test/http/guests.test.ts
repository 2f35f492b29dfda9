import { expect } from 'chai';
import { sweepGuests } from '../../api/commands/sweep-guests.ts';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem, type TestClient } from '../support/api/test-client.ts';
import { openClient } from '../support/database/as-app.ts';
import { buildRow, insertRow } from '../support/database/tenant-rows.ts';

interface Guest {
  access_token: string;
  expires_in: number;
  name: string;
  organization_id: string;
  project_id: string;
}

describe('guests', () => {
  let api: TestApi;
  let team: Team;
  let aheadMs = 0;
  const clock = { now: (): Date => new Date(Date.now() + aheadMs) };
  before(async () => {
    api = await startTestApi({ clock }, { GUESTS: 'enabled' });
    team = await buildTeam(api);
  });
  after(() => api.close());
  afterEach(() => {
    aheadMs = 0;
  });

  const enter = async (): Promise<Guest & { client: TestClient }> => {
    const answer = await api.client.post<Guest>('/api/v1/auth/guest');
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return { ...answer.body, client: api.client.withToken(answer.body.access_token) };
  };

  it('are not let in where they are not wanted', async () => {
    const closed = await startTestApi();
    try {
      expectProblem(await closed.client.post('/api/v1/auth/guest'), 403, 'GUESTS_DISABLED');
    } finally {
      await closed.close();
    }
  });

  it('cannot reach others', async () => {
    const { client } = await enter();
    const headers = { 'org-id': team.organizationId };
    expectProblem(await client.get('/api/v1/resource-requests', { headers }), 403, 'NOT_A_MEMBER');
    const path = `/api/v1/orgs/${team.organizationId}`;
    expectProblem(await client.get(path), 404, 'NOT_FOUND');
    expectProblem(await client.get(`${path}/members`), 404, 'NOT_FOUND');
    const other = await enter();
    expectProblem(await client.get(`/api/v1/orgs/${other.organization_id}`), 404, 'NOT_FOUND');
    const listed = await client.get<{ items: unknown[] }>('/api/v1/orgs');
    expect(listed.body.items).to.have.length(1);
  });

  it('cannot change who may do what, nor have calls made to others', async () => {
    const { client } = await enter();
    const permissions = [{ action: 'read', resource: 'projects' }];
    for (const [method, path, body] of [
      ['PUT', '/api/v1/rbac/policies/developer', { permissions }],
      ['PUT', '/api/v1/quotas', { requests: 1000 }],
      ['POST', '/api/v1/teams', { name: 'Team' }],
      ['POST', '/api/v1/webhooks', { url: 'https://example.com/hook' }],
    ] as const) {
      expectProblem(await client.send(method, path, { body }), 403, 'FORBIDDEN');
    }
  });

  it('cannot make anything that outlives them: organisations, members, keys, a password', async () => {
    const { client, organization_id: id } = await enter();
    const key = { name: 'key', role: 'admin' };
    const member = { email: team.admin.email, role: 'admin' };
    for (const [path, body] of [
      ['/api/v1/orgs', { name: 'Mine' }],
      ['/api/v1/api-keys', key],
      [`/api/v1/orgs/${id}/members`, member],
      [`/api/v1/orgs/${id}/invitations`, member],
    ] as const) {
      expectProblem(await client.post(path, body), 403, 'FORBIDDEN');
    }
    expectProblem(await client.delete(`/api/v1/orgs/${id}`), 403, 'FORBIDDEN');
    const password = { current_password: 'none at all', new_password: 'none at all' };
    const answer = await client.post('/api/v1/auth/password', password);
    expectProblem(answer, 401, 'INVALID_CREDENTIALS');
  });

  it('have a name without anything of a person, an organisation and a project, for an hour', async () => {
    const guest = await enter();
    expect(guest.name).to.match(/^guest-\d{4}$/);
    expect(guest.expires_in).to.equal(3600);
    const me = await guest.client.get<{
      user: { email: string; name: null };
      role: string;
      organization: { id: string };
    }>('/api/v1/auth/me');
    expect(me.body.user).to.include({ email: guest.name, name: null });
    expect(me.body.role).to.equal('admin');
    expect(me.body.organization.id).to.equal(guest.organization_id);
    const projects = await guest.client.get<{ items: { id: string }[] }>(
      `/api/v1/orgs/${guest.organization_id}/projects`,
    );
    expect(projects.body.items.map(({ id }) => id)).to.deep.equal([guest.project_id]);
  });

  it('are out when the hour is over', async () => {
    const { client } = await enter();
    aheadMs = 30 * 60_000;
    expect((await client.get('/api/v1/auth/me')).status).to.equal(200);
    aheadMs = 3_600_000;
    expectProblem(await client.get('/api/v1/auth/me'), 401, 'TOKEN_EXPIRED');
  });

  const rowsOf = async (guest: Guest): Promise<Record<string, number>> => {
    const client = await openClient(api.database.superuserUrl);
    try {
      const { rows } = await client.query<{ name: string }>(
        `select table_name as name from information_schema.columns
         where table_schema = 'public' and column_name = 'organization_id'`,
      );
      const counts: Record<string, number> = {};
      for (const { name } of rows) {
        const query = `select from ${name} where organization_id = $1`;
        counts[name] = (await client.query(query, [guest.organization_id])).rowCount ?? 0;
      }
      const users = await client.query('select from users where email = $1', [guest.name]);
      return { ...counts, users: users.rowCount ?? 0 };
    } finally {
      await client.end();
    }
  };

  it('are swept with everything that is theirs, but for the audit log, and nobody else is', async () => {
    const guest = await enter();
    expect(await sweepGuests({ ...api.deps, isConnected: false })).to.equal(0);
    const root = await openClient(api.database.superuserUrl);
    const ids = {
      organizationId: guest.organization_id,
      userId: team.admin.id,
      projectId: guest.project_id,
      requestId: '01890000-0000-7000-8000-000000000001',
    };
    const request = {
      ...buildRow['resource_requests']!(ids),
      id: ids.requestId,
      status: 'pending',
    };
    await insertRow(root, 'resource_requests', request);
    for (const table of ['request_revisions', 'request_events', 'runs', 'idempotency_keys']) {
      await insertRow(root, table, buildRow[table]!(ids));
    }
    await root.end();
    aheadMs = 3_600_001;
    expect(await sweepGuests({ ...api.deps, isConnected: false })).to.be.greaterThan(0);
    const { audit_log: audit, ...left } = await rowsOf(guest);
    expect(audit).to.be.greaterThan(0);
    expect(Object.entries(left).filter(([, count]) => count > 0)).to.deep.equal([]);
    aheadMs = 0;
    expect((await team.admin.client.get('/api/v1/auth/me')).status).to.equal(200);
  });

  it('are gone only when what they made is deprovisioned, and Kubernetes has nothing left', async () => {
    const guest = await enter();
    const ids = {
      organizationId: guest.organization_id,
      userId: team.admin.id,
      projectId: guest.project_id,
      requestId: '01890000-0000-7000-8000-000000000002',
    };
    const root = await openClient(api.database.superuserUrl);
    const request = { ...buildRow['resource_requests']!(ids), id: ids.requestId, status: 'ready' };
    await insertRow(root, 'resource_requests', request);
    aheadMs = 3_600_001;
    // Connected with Kubernetes, and the relay is not there yet.
    const deps = { ...api.deps, isConnected: true };
    const statusOf = async (): Promise<string | undefined> =>
      (
        await root.query<{ status: string }>('select status from resource_requests where id = $1', [
          ids.requestId,
        ])
      ).rows[0]?.status;
    const waiting = async (): Promise<string[]> =>
      (
        await root.query<{ kind: string }>(
          'select kind from outbox where organization_id = $1 and done_at is null order by id',
          [guest.organization_id],
        )
      ).rows.map(({ kind }) => kind);
    await sweepGuests(deps);
    expect(await statusOf()).to.equal('deleting');
    expect(await waiting()).to.deep.equal(['namespace', 'resource-request']);
    await sweepGuests(deps);
    expect(await waiting()).to.deep.equal(['namespace', 'resource-request']);
    await root.query(`update resource_requests set status = 'deleted' where id = $1`, [
      ids.requestId,
    ]);
    await root.query('update outbox set done_at = now()');
    await sweepGuests(deps);
    expect(await waiting()).to.deep.equal(['namespace-removal']);
    expect((await rowsOf(guest))['users']).to.equal(1);
    await root.query('update outbox set done_at = now()');
    await sweepGuests(deps);
    expect((await rowsOf(guest))['users']).to.equal(0);
    expect(await statusOf()).to.equal(undefined);
    await root.end();
  });
});
