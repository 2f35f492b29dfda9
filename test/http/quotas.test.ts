import { expect } from 'chai';
import { v7 as uuid } from 'uuid';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem, type Answer } from '../support/api/test-client.ts';
import { buildClass, catalogueOf } from '../support/requests/class-objects.ts';
import { approve, makeRequest, newRequest, REQUESTS } from '../support/requests/requests.ts';

const QUOTAS = '/api/v1/quotas';

describe('quotas over HTTP', () => {
  let api: TestApi;
  let team: Team;
  before(async () => {
    const cost = { monthly: 40, currency: 'EUR' };
    const classes = [
      buildClass('trivial'),
      buildClass('priced', { cost }),
      buildClass('foreign', { cost: { ...cost, currency: 'USD' } }),
    ];
    api = await startTestApi({ classes: catalogueOf(classes) });
  });
  beforeEach(async () => {
    team = await buildTeam(api);
  });
  after(() => api.close());

  const put = async (body: object): Promise<void> => {
    const answer = await team.admin.client.send('PUT', QUOTAS, { body });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
  };
  const ask = (changes: object = {}): Promise<Answer> =>
    team.developer.client.post(REQUESTS, newRequest(team, changes));
  const expectExceeded = (answer: Answer, quota: object): void => {
    expectProblem(answer, 409, 'QUOTA_EXCEEDED');
    expect(answer.body['quota']).to.deep.equal(quota);
  };

  it('refuse limits that make no sense', async () => {
    for (const body of [
      { requests: -1 },
      { requests: 1.5 },
      { monthly_cost: 10 },
      { currency: 'EUR' },
      { project_id: uuid(), requests: 1 },
      { classes: { trivial: 'many' } },
      { limit: 1 },
    ]) {
      const answer = await team.admin.client.send('PUT', QUOTAS, { body });
      expectProblem(answer, 422, 'VALIDATION_FAILED');
    }
  });

  it('let 10 of 50 parallel requests through where 10 are allowed', async () => {
    await put({ classes: { trivial: 10 } });
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask()));
    expect(answers.filter(({ status }) => status === 201)).to.have.length(10);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused).to.have.length(40);
    for (const answer of refused) {
      const limit = { limit: 'classes/trivial', scope: 'organization' };
      expectExceeded(answer, { ...limit, quota: 10, used: 10, asked: 1 });
    }
    expect((await ask({ class_name: 'priced' })).status).to.equal(201);
  });

  it('of a project hold there and nowhere else, and leave room again for what is over', async () => {
    await put({ project_id: team.projectId, requests: 1 });
    const made = await makeRequest(team);
    const limit = { limit: 'requests', scope: 'project' };
    expectExceeded(await ask(), { ...limit, quota: 1, used: 1, asked: 1 });
    const project = { name: 'Free' };
    const path = `/api/v1/orgs/${team.organizationId}/projects`;
    const other = await team.admin.client.post<{ id: string }>(path, project);
    const there = newRequest(team, { project_id: other.body.id });
    expect((await team.admin.client.post(REQUESTS, there)).status).to.equal(201);
    await team.developer.client.post(`${REQUESTS}/${made.id}/cancel`);
    expect((await ask()).status).to.equal(201);
  });

  it('of cost count what the classes cost, and refuse a currency that cannot be compared', async () => {
    await put({ monthly_cost: 100, currency: 'EUR' });
    for (let count = 0; count < 2; count += 1) {
      expect((await ask({ class_name: 'priced' })).status).to.equal(201);
    }
    const limit = { limit: 'monthly_cost', scope: 'organization', quota: 100, used: 80 };
    const third = await ask({ class_name: 'priced' });
    expectExceeded(third, { ...limit, asked: 40, currency: 'EUR' });
    expect((await ask()).status).to.equal(201);
    const answer = await ask({ class_name: 'foreign' });
    expectExceeded(answer, { ...limit, asked: 40, currency: 'USD' });
  });

  it('are asked again at approval, by what is in force then', async () => {
    const waiting = await Promise.all(Array.from({ length: 6 }, () => makeRequest(team)));
    await put({ requests: 2 });
    const answers = await Promise.all(
      waiting.map(({ id }) => approve(team.approver.client, id) as Promise<unknown>),
    );
    const statuses = answers.map((answer) => (answer as Answer).status).sort();
    expect(statuses).to.deep.equal([200, 200, 409, 409, 409, 409]);
  });

  it('are shown to the admin, and hold for this organisation alone', async () => {
    await put({ requests: 0 });
    await put({ project_id: team.projectId, classes: { trivial: 1 } });
    const { body } = await team.admin.client.get<{ items: { project_id: string | null }[] }>(
      QUOTAS,
    );
    const scopes = body.items.map(({ project_id }) => project_id);
    expect(scopes).to.have.members([null, team.projectId]);
    const other = await buildTeam(api);
    expect((await makeRequest(other)).status).to.equal('pending');
  });
});
