import { expect } from 'chai';
import { buildTeam, registerPerson, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem, type TestClient } from '../support/api/test-client.ts';
import { openClient } from '../support/database/as-app.ts';
import { catalogueOf, ordinaryClasses } from '../support/requests/class-objects.ts';
import {
  approve,
  makeRequest,
  newRequest,
  REQUESTS,
  type Shown,
} from '../support/requests/requests.ts';

interface Key {
  id: string;
  prefix: string;
  key: string;
  expires_at: string;
  last_used_at: string | null;
}

const KEYS = '/api/v1/api-keys';
const DAY_MS = 86_400_000;

describe('API keys over HTTP', () => {
  let api: TestApi;
  let team: Team;
  before(async () => {
    api = await startTestApi({ classes: catalogueOf(ordinaryClasses()) });
    team = await buildTeam(api);
  });
  after(() => api.close());

  const makeKey = async (role: string, of = team, more: object = {}): Promise<Key> => {
    const answer = await of.admin.client.post<Key>(KEYS, { name: 'pipeline', role, ...more });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body;
  };
  const using = (key: string): TestClient => api.client.with({ 'x-api-key': key });
  const change = (table: string, where: object, patch: object): Promise<unknown> =>
    api.deps.database.withSystem('arrange', async (trx) => trx(table).where(where).update(patch));

  describe('denials', () => {
    const calls = [
      ['POST', () => KEYS, { name: 'mine', role: 'read_only' }],
      ['GET', () => KEYS, undefined],
      ['DELETE', () => `${KEYS}/${team.projectId}`, undefined],
    ] as const;
    for (const [method, path, body] of calls) {
      it(`refuses ${method} to who is not signed in`, async () => {
        expectProblem(await api.client.send(method, path(), { body }), 401, 'MISSING_CREDENTIALS');
      });
      for (const role of ['approver', 'developer', 'readOnly'] as const) {
        it(`refuses ${method} to ${role}`, async () => {
          const answer = await team[role].client.send(method, path(), { body });
          expectProblem(answer, 403, 'FORBIDDEN');
        });
      }
    }

    it('does not show or end the keys of another organisation', async () => {
      const other = await buildTeam(api);
      const { id } = await makeKey('read_only');
      const listed = await other.admin.client.get(KEYS);
      expect(listed.body).to.deep.equal({ items: [], next: null });
      expectProblem(await other.admin.client.delete(`${KEYS}/${id}`), 404, 'NOT_FOUND');
    });

    it('makes no key of an approver, of an unknown role, or for longer than a year', async () => {
      const late = new Date(Date.now() + 400 * DAY_MS).toISOString();
      const past = new Date(Date.now() - DAY_MS).toISOString();
      for (const [body, pointer] of [
        [{ role: 'approver' }, '/role'],
        [{ role: 'owner' }, '/role'],
        [{ role: 'admin', expires_at: late }, '/expires_at'],
        [{ role: 'admin', expires_at: past }, '/expires_at'],
      ] as const) {
        const answer = await team.admin.client.post(KEYS, { name: 'x', ...body });
        const { errors } = expectProblem(answer, 422, 'VALIDATION_FAILED');
        expect(errors?.map((fault) => fault.pointer)).to.deep.equal([pointer]);
      }
    });

    it('takes no key that is unknown, and none together with a token', async () => {
      for (const key of ['qmk_unknown', 'x', 'qmk_' + 'A'.repeat(43)]) {
        expectProblem(await using(key).get(REQUESTS), 401, 'INVALID_API_KEY');
      }
      const { key } = await makeKey('read_only');
      const both = await team.admin.client.get(REQUESTS, { headers: { 'x-api-key': key } });
      expectProblem(both, 401, 'INVALID_CREDENTIALS');
    });

    it('takes no key that has expired', async () => {
      const { id, key } = await makeKey('read_only');
      const { rows } = await withRoot((query) =>
        query(`update api_keys set expires_at = now() - interval '1 second' where id = '${id}'`),
      );
      expect(rows).to.deep.equal([]);
      expectProblem(await using(key).get(REQUESTS), 401, 'INVALID_API_KEY');
    });

    it('takes a key no more once it is revoked', async () => {
      const { id, key } = await makeKey('read_only');
      expect((await using(key).get(REQUESTS)).status).to.equal(200);
      expect((await team.admin.client.delete(`${KEYS}/${id}`)).status).to.equal(204);
      expectProblem(await using(key).get(REQUESTS), 401, 'INVALID_API_KEY');
      expectProblem(await team.admin.client.delete(`${KEYS}/${id}`), 404, 'NOT_FOUND');
    });

    it('takes a key no more once who made it is no admin, or no member', async () => {
      const other = await buildTeam(api);
      const { key } = await makeKey('developer', other);
      const membership = { organization_id: other.organizationId, user_id: other.admin.id };
      expect((await using(key).get(REQUESTS)).status).to.equal(200);
      await withRoot((query) =>
        query(`update memberships set role = 'developer' where user_id = '${membership.user_id}'`),
      );
      expectProblem(await using(key).get(REQUESTS), 401, 'INVALID_API_KEY');
      await withRoot((query) =>
        query(`delete from memberships where user_id = '${membership.user_id}'`),
      );
      expectProblem(await using(key).get(REQUESTS), 401, 'INVALID_API_KEY');
    });

    it('leaves decisions, access and organisations to people, whatever the role', async () => {
      const { key, id } = await makeKey('admin');
      const client = using(key);
      const request = await makeRequest(team);
      const org = `/api/v1/orgs/${team.organizationId}`;
      expectProblem(await approve(client, request.id), 403, 'FORBIDDEN');
      for (const [method, path, body] of [
        ['POST', `${REQUESTS}/${request.id}/reject`, { reason: 'no' }],
        ['POST', KEYS, { name: 'more', role: 'admin' }],
        ['DELETE', `${KEYS}/${id}`, undefined],
        ['POST', '/api/v1/orgs', { name: 'Another' }],
        ['PATCH', org, { allow_self_approval: true }],
        ['DELETE', org, undefined],
        ['POST', `${org}/members`, { email: team.developer.email, role: 'admin' }],
        ['PATCH', `${org}/members/${team.developer.id}`, { role: 'admin' }],
        ['DELETE', `${org}/members/${team.developer.id}`, undefined],
      ] as const) {
        const answer = await client.send(method, path, { body });
        expectProblem(answer, 403, 'FORBIDDEN');
      }
    });

    it('does not reach past its organisation, also where its maker belongs to others', async () => {
      const { key } = await makeKey('admin');
      const other = await team.admin.client.post<{ id: string }>('/api/v1/orgs', { name: 'Two' });
      const client = using(key);
      const header = { headers: { 'org-id': other.body.id } };
      expectProblem(await client.get(REQUESTS, header), 403, 'NOT_A_MEMBER');
      expectProblem(await client.get('/api/v1/auth/me', header), 403, 'NOT_A_MEMBER');
      expectProblem(await client.get(`/api/v1/orgs/${other.body.id}`), 404, 'NOT_FOUND');
      const listed = await client.get<{ items: { id: string }[] }>('/api/v1/orgs');
      expect(listed.body.items.map((item) => item.id)).to.deep.equal([team.organizationId]);
    });

    it('does not let a key of read_only write', async () => {
      const { key } = await makeKey('read_only');
      expectProblem(await using(key).post(REQUESTS, newRequest(team)), 403, 'FORBIDDEN');
    });

    it('does not let who made a key approve what the key asked for', async () => {
      const { key } = await makeKey('developer');
      const made = await using(key).post<Shown>(REQUESTS, newRequest(team));
      expect(made.status, JSON.stringify(made.body)).to.equal(201);
      expect(made.body.requested_by?.id).to.equal(team.admin.id);
      expectProblem(await approve(team.admin.client, made.body.id), 403, 'SELF_APPROVAL');
      expect((await approve(team.approver.client, made.body.id)).status).to.equal(200);
    });
  });

  it('shows a key once, and keeps only its hash', async () => {
    const made = await team.admin.client.post<Key>(KEYS, { name: 'once', role: 'read_only' });
    expect(made.headers.get('cache-control')).to.equal('no-store');
    expect(made.body.key).to.match(/^qmk_[\w-]{43}$/);
    expect(made.body.key.startsWith(made.body.prefix)).to.equal(true);
    const days = (Date.parse(made.body.expires_at) - Date.now()) / DAY_MS;
    expect(days).to.be.closeTo(90, 0.1);
    await using(made.body.key).get(REQUESTS);
    const listed = await team.admin.client.get(KEYS);
    const { rows } = await withRoot((query) => query('select * from api_keys, audit_log'));
    const everywhere = JSON.stringify([listed.body, rows, api.logged]);
    expect(everywhere).to.contain(made.body.prefix);
    expect(everywhere).not.to.contain(made.body.key);
  });

  it('writes down when a key was used, once a minute', async () => {
    const { id, key } = await makeKey('read_only');
    const lastUse = async (): Promise<string | null> => {
      const { body } = await team.admin.client.get<{ items: Key[] }>(KEYS);
      return body.items.find((item) => item.id === id)?.last_used_at ?? null;
    };
    expect(await lastUse()).to.equal(null);
    await using(key).get(`${REQUESTS}/none`);
    const first = await lastUse();
    expect(Date.parse(first ?? '')).to.be.closeTo(Date.now(), 20_000);
    await using(key).get(REQUESTS);
    expect(await lastUse()).to.equal(first);
    await change('api_keys', { id }, { last_used_at: null });
    await using(key).get(REQUESTS);
    expect(await lastUse()).to.equal(null);
  });

  it('says who it is, and stands in the audit log and the history as a key', async () => {
    const { id, key } = await makeKey('developer');
    const client = using(key);
    const me = await client.get('/api/v1/auth/me');
    expect(me.body).to.deep.include({ role: 'developer', api_key: { id, name: 'pipeline' } });
    const { body: made } = await client.post<Shown>(REQUESTS, newRequest(team));
    const audit = await team.admin.client.get<{ items: { actor: object; action: string }[] }>(
      `/api/v1/audit-logs?actor_id=${id}`,
    );
    expect(audit.body.items.map(({ action, actor }) => [action, actor])).to.deep.equal([
      ['resource_request.create', { kind: 'api_key', id, name: 'pipeline' }],
    ]);
    const events = await client.get<{ items: { details: object }[] }>(
      `${REQUESTS}/${made.id}/events`,
    );
    expect(events.body.items[0]?.details).to.deep.include({ api_key: { id, name: 'pipeline' } });
    const line = api.logged.findLast((entry) => entry['api_key_id'] === id);
    expect(line).to.include({ message: 'request' });
  });

  it('records making, ending and being refused', async () => {
    const { id } = await makeKey('read_only');
    await team.developer.client.delete(`${KEYS}/${id}`);
    await team.admin.client.delete(`${KEYS}/${id}`);
    const audit = await team.admin.client.get<{ items: { outcome: string; action: string }[] }>(
      `/api/v1/audit-logs?target_id=${id}`,
    );
    expect(audit.body.items.map(({ action, outcome }) => [action, outcome])).to.deep.equal([
      ['api_key.revoke', 'success'],
      ['api_key.delete', 'denied'],
      ['api_key.create', 'success'],
    ]);
  });

  it('is no matter of people who are in no organisation', async () => {
    const person = await registerPerson(api);
    expectProblem(await person.client.get(KEYS), 400, 'ORGANIZATION_REQUIRED');
  });

  /** Beyond all policies: for what no door of the api can arrange. */
  async function withRoot(
    work: (query: (text: string) => Promise<{ rows: unknown[] }>) => Promise<{ rows: unknown[] }>,
  ): Promise<{ rows: unknown[] }> {
    const root = await openClient(api.database.superuserUrl);
    try {
      return await work((text) => root.query(text));
    } finally {
      await root.end();
    }
  }
});
