import { expect } from 'chai';
import { buildTeam, registerPerson, signInAs, type Team } from '../support/api/people.ts';
import { startTestApi, unique, type TestApi } from '../support/api/test-api.ts';
import { expectProblem } from '../support/api/test-client.ts';

describe('organisations over HTTP', () => {
  let api: TestApi;
  let team: Team;
  before(async () => {
    api = await startTestApi();
    team = await buildTeam(api);
  });
  after(() => api.close());

  const path = (): string => `/api/v1/orgs/${team.organizationId}`;

  for (const [method, url] of [
    ['POST', () => '/api/v1/orgs'],
    ['GET', () => '/api/v1/orgs'],
    ['GET', path],
    ['PATCH', path],
    ['DELETE', path],
  ] as const) {
    it(`refuses ${method} to who is not signed in`, async () => {
      const answer = await api.client.send(method, url());
      expectProblem(answer, 401, 'MISSING_CREDENTIALS');
    });
  }

  it('does not show an organisation to a stranger', async () => {
    const stranger = await buildTeam(api);
    expectProblem(await stranger.admin.client.get(path()), 404, 'NOT_FOUND');
    expectProblem(await stranger.admin.client.patch(path(), { name: 'Mine' }), 404, 'NOT_FOUND');
    expectProblem(await stranger.admin.client.delete(path()), 404, 'NOT_FOUND');
  });

  for (const role of ['approver', 'developer', 'readOnly'] as const) {
    it(`does not let ${role} change or delete the organisation`, async () => {
      const { client } = team[role];
      expectProblem(await client.patch(path(), { name: 'New' }), 403, 'FORBIDDEN');
      expectProblem(await client.delete(path()), 403, 'FORBIDDEN');
      expect((await client.get(path())).status).to.equal(200);
    });
  }

  it('refuses a slug that is taken', async () => {
    const body = { name: 'Copy', slug: team.organizationSlug };
    expectProblem(await team.admin.client.post('/api/v1/orgs', body), 409, 'SLUG_TAKEN');
  });

  it('names every faulty field, and refuses unknown ones', async () => {
    const body = { name: '', slug: 'Not A Slug', owner: 'me' };
    const answer = await team.admin.client.post('/api/v1/orgs', body);
    const { errors } = expectProblem(answer, 422, 'VALIDATION_FAILED');
    expect(errors?.map((error) => error.pointer)).to.have.members(['/name', '/slug', '/owner']);
  });

  it('makes who creates an organisation its admin', async () => {
    const person = await registerPerson(api);
    const made = await person.client.post<{ id: string; slug: string }>('/api/v1/orgs', {
      name: `Ärger & Söhne ${unique('x')}`,
    });
    expect(made.status).to.equal(201);
    expect(made.body.slug).to.match(/^arger-sohne-x-/);
    expect(made.headers.get('location')).to.equal(`/api/v1/orgs/${made.body.id}`);
    const client = await signInAs(api, person.email);
    const me = await client.get<{ role: string; organization: { id: string } }>('/api/v1/auth/me');
    expect(me.body.role).to.equal('admin');
    expect(me.body.organization.id).to.equal(made.body.id);
  });

  it('lists only the organisations that one belongs to', async () => {
    await buildTeam(api);
    const answer = await team.developer.client.get<{ items: { id: string }[]; next: null }>(
      '/api/v1/orgs',
    );
    expect(answer.body.items.map((item) => item.id)).to.deep.equal([team.organizationId]);
    expect(answer.body.next).to.equal(null);
  });

  it('refuses a change of what has changed since it was read', async () => {
    const shown = await team.admin.client.get(path());
    const headers = { 'if-match': shown.headers.get('etag') ?? '' };
    const first = await team.admin.client.patch(path(), { name: 'Second name' }, { headers });
    expect(first.status).to.equal(200);
    expect(first.body['name']).to.equal('Second name');
    const second = await team.admin.client.patch(path(), { name: 'Third name' }, { headers });
    expectProblem(second, 412, 'STALE');
  });

  it('is deleted only without projects, and then is gone for everybody', async () => {
    expectProblem(await team.admin.client.delete(path()), 409, 'HAS_PROJECTS');
    const person = await registerPerson(api);
    const made = await person.client.post<{ id: string }>('/api/v1/orgs', { name: unique('Gone') });
    const gone = `/api/v1/orgs/${made.body.id}`;
    expect((await person.client.delete(gone)).status).to.equal(204);
    const client = await signInAs(api, person.email);
    expectProblem(await client.get(gone), 404, 'NOT_FOUND');
  });
});
