import { expect } from 'chai';
import { v7 as uuid } from 'uuid';
import { buildTeam, registerPerson, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem } from '../support/api/test-client.ts';
import { catalogueOf, ordinaryClasses } from '../support/requests/class-objects.ts';
import { newRequest, REQUESTS } from '../support/requests/requests.ts';

const TEAMS = '/api/v1/teams';

interface Listed {
  items: { id: string; user_id: string }[];
}

describe('teams over HTTP', () => {
  let api: TestApi;
  let org: Team;
  before(async () => {
    api = await startTestApi({ classes: catalogueOf(ordinaryClasses()) });
    org = await buildTeam(api);
  });
  after(() => api.close());

  const make = async (name: string): Promise<string> => {
    const answer = await org.admin.client.post<{ id: string }>(TEAMS, { name });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body.id;
  };
  const put = (id: string, userId: string): Promise<{ status: number }> =>
    org.admin.client.post(`${TEAMS}/${id}/members`, { user_id: userId });
  const projects = (): string => `/api/v1/orgs/${org.organizationId}/projects`;

  it('take members of the organisation only, each once', async () => {
    const id = await make('Members');
    const stranger = await registerPerson(api);
    const { client } = org.admin;
    const path = `${TEAMS}/${id}/members`;
    for (const userId of [stranger.id, uuid()]) {
      expectProblem(await client.post(path, { user_id: userId }), 422, 'VALIDATION_FAILED');
    }
    expect((await put(id, org.developer.id)).status).to.equal(201);
    expectProblem(await client.post(path, { user_id: org.developer.id }), 409, 'ALREADY_MEMBER');
    const { body } = await org.readOnly.client.get<Listed>(path);
    expect(body.items.map((item) => item.user_id)).to.deep.equal([org.developer.id]);
    expect((await client.delete(`${path}/${org.developer.id}`)).status).to.equal(204);
    expectProblem(await client.delete(`${path}/${org.developer.id}`), 404, 'NOT_FOUND');
  });

  it('have one name each, are replaced by who saw them, and keep what was in the audit log', async () => {
    const id = await make('Names');
    const { client } = org.admin;
    expectProblem(await client.post(TEAMS, { name: 'NAMES' }), 409, 'NAME_TAKEN');
    const shown = await client.get(`${TEAMS}/${id}`);
    const headers = { 'if-match': shown.headers.get('etag') ?? '' };
    const body = { name: 'Renamed', description: 'For all' };
    const changed = await client.send('PUT', `${TEAMS}/${id}`, { body, headers });
    expect(changed.body).to.include(body);
    expectProblem(await client.send('PUT', `${TEAMS}/${id}`, { body, headers }), 412, 'STALE');
    const { body: log } = await client.get<{
      items: { action: string; before_digest: string; after_digest: string }[];
    }>(`/api/v1/audit-logs?target_id=${id}`);
    const [update, create] = log.items;
    expect(update?.action).to.equal('team.update');
    expect(update?.before_digest).to.equal(create?.after_digest);
    expect(update?.after_digest).not.to.equal(update?.before_digest);
  });

  it('are hidden from other organisations, by whatever way', async () => {
    const id = await make('Hidden');
    const other = await buildTeam(api);
    const { client } = other.admin;
    const body = { name: 'Mine' };
    expectProblem(await client.get(`${TEAMS}/${id}`), 404, 'NOT_FOUND');
    expectProblem(await client.send('PUT', `${TEAMS}/${id}`, { body }), 404, 'NOT_FOUND');
    expectProblem(await client.delete(`${TEAMS}/${id}`), 404, 'NOT_FOUND');
    const member = { user_id: other.admin.id };
    expectProblem(await client.post(`${TEAMS}/${id}/members`, member), 404, 'NOT_FOUND');
    const project = { name: 'x', team_id: id };
    const path = `/api/v1/orgs/${other.organizationId}/projects`;
    expectProblem(await client.post(path, project), 422, 'VALIDATION_FAILED');
    const answer = await client.patch(`${path}/${other.projectId}`, { team_id: id });
    expectProblem(answer, 422, 'VALIDATION_FAILED');
  });

  it('make their people members of their projects, for as long as they are in the team', async () => {
    const id = await make('Shop');
    const { client } = org.admin;
    const made = await client.post<{ id: string }>(projects(), { name: 'Team', team_id: id });
    expect(made.body).to.include({ team_id: id });
    const ask = (): Promise<{ status: number; headers: Headers; body: unknown }> =>
      org.developer.client.post(REQUESTS, newRequest(org, { project_id: made.body.id }));
    expectProblem(await ask(), 403, 'FORBIDDEN');
    await put(id, org.developer.id);
    expect((await ask()).status).to.equal(201);
    const path = `${projects()}/${made.body.id}`;
    const { body } = await client.get<Listed>(`${path}/members`);
    expect(body.items.map((item) => item.user_id)).to.deep.equal([org.developer.id]);
    await client.delete(`${TEAMS}/${id}/members/${org.developer.id}`);
    expectProblem(await ask(), 403, 'FORBIDDEN');
    await put(id, org.developer.id);
    expect((await client.patch(path, { team_id: null })).body).to.include({ team_id: null });
    expectProblem(await ask(), 403, 'FORBIDDEN');
  });

  it('are not deleted while projects belong to them', async () => {
    const id = await make('Busy');
    const { client } = org.admin;
    const made = await client.post<{ id: string }>(projects(), { name: 'Busy', team_id: id });
    expectProblem(await client.delete(`${TEAMS}/${id}`), 409, 'HAS_PROJECTS');
    await client.delete(`${projects()}/${made.body.id}`);
    expect((await client.delete(`${TEAMS}/${id}`)).status).to.equal(204);
    expectProblem(await client.get(`${TEAMS}/${id}`), 404, 'NOT_FOUND');
  });

  it('show people their own: the first, its people, and all', async () => {
    const me = org.approver;
    expectProblem(await me.client.get('/api/v1/users/me/team'), 404, 'NOT_FOUND');
    expectProblem(await me.client.get('/api/v1/users/me/team/members'), 404, 'NOT_FOUND');
    const first = await make('First');
    const second = await make('Second');
    for (const id of [first, second]) await put(id, me.id);
    await put(first, org.developer.id);
    expect((await me.client.get('/api/v1/users/me/team')).body).to.include({ id: first });
    const people = await me.client.get<Listed>('/api/v1/users/me/team/members');
    const expected = [me.id, org.developer.id];
    expect(people.body.items.map((item) => item.user_id)).to.have.members(expected);
    const all = await me.client.get<Listed>('/api/v1/users/me/teams');
    expect(all.body.items.map((item) => item.id)).to.deep.equal([second, first]);
  });

  it('of the organisation that org-id names, for people in several', async () => {
    const other = await buildTeam(api);
    const joined = await other.admin.client.post(`/api/v1/orgs/${other.organizationId}/members`, {
      user_id: org.admin.id,
      role: 'admin',
    });
    expect(joined.status).to.equal(201);
    const headers = { 'org-id': other.organizationId };
    const made = await org.admin.client.post<{ id: string }>(TEAMS, { name: 'There' }, { headers });
    expect(made.body).to.include({ organization_id: other.organizationId });
    const path = `${TEAMS}/${made.body.id}`;
    expectProblem(await org.admin.client.get(path), 404, 'NOT_FOUND');
    expect((await org.admin.client.get(path, { headers })).status).to.equal(200);
    const away = { headers: { 'org-id': (await buildTeam(api)).organizationId } };
    expectProblem(await org.admin.client.get(TEAMS, away), 403, 'NOT_A_MEMBER');
  });
});
