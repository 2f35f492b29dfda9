import { expect } from 'chai';
import { v7 as uuid } from 'uuid';
import { buildTeam, registerPerson, type Team } from '../support/api/people.ts';
import { startTestApi, unique, type TestApi } from '../support/api/test-api.ts';
import { expectProblem } from '../support/api/test-client.ts';

describe('projects over HTTP', () => {
  let api: TestApi;
  let team: Team;
  before(async () => {
    api = await startTestApi();
    team = await buildTeam(api);
  });
  after(() => api.close());

  const list = (): string => `/api/v1/orgs/${team.organizationId}/projects`;
  const one = (): string => `${list()}/${team.projectId}`;
  const members = (): string => `${one()}/members`;
  const member = (): string => `${members()}/${team.developer.id}`;

  const routes = [
    ['GET', list, undefined],
    ['POST', list, { name: 'New' }],
    ['GET', one, undefined],
    ['PATCH', one, { name: 'New' }],
    ['DELETE', one, undefined],
    ['GET', members, undefined],
    ['POST', members, { user_id: uuid() }],
    ['DELETE', member, undefined],
  ] as const;

  for (const [method, path, body] of routes) {
    const name = path.name;
    it(`refuses ${method} ${name} to who is not signed in`, async () => {
      expectProblem(await api.client.send(method, path(), { body }), 401, 'MISSING_CREDENTIALS');
    });
    it(`hides ${method} ${name} from a stranger`, async () => {
      const stranger = await buildTeam(api);
      const answer = await stranger.admin.client.send(method, path(), { body });
      expectProblem(answer, 404, 'NOT_FOUND');
    });
    if (method !== 'GET') {
      for (const role of ['approver', 'developer', 'readOnly'] as const) {
        it(`refuses ${method} ${name} to ${role}`, async () => {
          const answer = await team[role].client.send(method, path(), { body });
          expectProblem(answer, 403, 'FORBIDDEN');
        });
      }
    }
  }

  it('does not reach a project through another organisation', async () => {
    const other = await buildTeam(api);
    const path = `/api/v1/orgs/${other.organizationId}/projects/${team.projectId}`;
    expectProblem(await other.admin.client.get(path), 404, 'NOT_FOUND');
    expectProblem(await other.admin.client.delete(path), 404, 'NOT_FOUND');
  });

  it('asks for the namespace in the transaction that makes the project', async () => {
    const made = await team.admin.client.post<{ id: string; namespace: string }>(list(), {
      name: 'Web Shop',
    });
    expect(made.status).to.equal(201);
    expect(made.body.namespace).to.equal(`${team.organizationSlug}-web-shop`);
    const rows = await api.deps.database.withSystem('look', (trx) =>
      trx('outbox').select('kind', 'payload').where('key', made.body.namespace),
    );
    expect(rows).to.have.length(1);
    const { kind, payload } = rows[0] as { kind: string; payload: object };
    // The trace of the call goes with it; it differs each time.
    const { traceparent, ...wanted } = payload as Record<string, unknown>;
    expect(traceparent).to.be.a('string');
    expect({ kind, payload: wanted }).to.deep.equal({
      kind: 'namespace',
      payload: {
        organization_slug: team.organizationSlug,
        project_id: made.body.id,
        project_slug: 'web-shop',
        namespace: made.body.namespace,
      },
    });
  });

  it('refuses a slug that is taken, and a namespace that would be too long', async () => {
    const { client } = team.admin;
    expectProblem(await client.post(list(), { name: 'x', slug: 'shop' }), 409, 'SLUG_TAKEN');
    const founder = await registerPerson(api);
    const made = await founder.client.post<{ id: string }>('/api/v1/orgs', {
      name: 'Long',
      slug: `${unique('long')}${'x'.repeat(40)}`.slice(0, 40),
    });
    const answer = await founder.client.post(`/api/v1/orgs/${made.body.id}/projects`, {
      name: 'x',
      slug: 'y'.repeat(40),
    });
    const { errors } = expectProblem(answer, 422, 'VALIDATION_FAILED');
    expect(errors?.[0]?.pointer).to.equal('/slug');
  });

  it('is changed by who saw its present version', async () => {
    const shown = await team.admin.client.get(one());
    const headers = { 'if-match': shown.headers.get('etag') ?? '' };
    const changed = await team.admin.client.patch(one(), { name: 'Bakery' }, { headers });
    expect(changed.body).to.include({ name: 'Bakery', slug: 'shop' });
    expectProblem(await team.admin.client.patch(one(), { name: 'B' }, { headers }), 412, 'STALE');
    expectProblem(await team.admin.client.delete(one(), { headers }), 412, 'STALE');
  });

  it('takes members of the organisation only, each once', async () => {
    const { client } = team.admin;
    const stranger = await registerPerson(api);
    expectProblem(
      await client.post(members(), { email: stranger.email }),
      422,
      'VALIDATION_FAILED',
    );
    const added = await client.post(members(), { email: team.approver.email });
    expect(added.status).to.equal(201);
    expect(added.body).to.include({ user_id: team.approver.id, role: 'approver' });
    expectProblem(
      await client.post(members(), { email: team.approver.email }),
      409,
      'ALREADY_MEMBER',
    );
    const listed = await client.get<{ items: { user_id: string }[] }>(members());
    expect(listed.body.items.map((item) => item.user_id)).to.have.members([
      team.developer.id,
      team.approver.id,
    ]);
    const path = `${members()}/${team.approver.id}`;
    expect((await client.delete(path)).status).to.equal(204);
    expectProblem(await client.delete(path), 404, 'NOT_FOUND');
  });

  it('is not deleted while requests live; then its namespace goes and its slug is free', async () => {
    const other = await buildTeam(api);
    const path = `/api/v1/orgs/${other.organizationId}/projects`;
    const requestId = uuid();
    const setStatus = (status: string): Promise<unknown> =>
      api.deps.database.withSystem('arrange', (trx) =>
        trx('resource_requests')
          .insert({
            id: requestId,
            organization_id: other.organizationId,
            project_id: other.projectId,
            class_name: 'postgres',
            name: 'db',
            status,
          })
          .onConflict('id')
          .merge(['status']),
      );
    await setStatus('ready');
    const { client } = other.admin;
    expectProblem(await client.delete(`${path}/${other.projectId}`), 409, 'HAS_REQUESTS');
    await setStatus('deleted');
    expect((await client.delete(`${path}/${other.projectId}`)).status).to.equal(204);
    expectProblem(await client.get(`${path}/${other.projectId}`), 404, 'NOT_FOUND');
    const kinds = await api.deps.database.withSystem('look', (trx) =>
      trx('outbox').pluck('kind').where('key', other.namespace).orderBy('id'),
    );
    expect(kinds).to.deep.equal(['namespace', 'namespace-removal']);
    expect((await client.post(path, { name: 'Shop' })).status).to.equal(201);
  });
});
