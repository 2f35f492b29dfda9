import { expect } from 'chai';
import { buildTeam, registerPerson, signInAs, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem } from '../support/api/test-client.ts';

describe('members over HTTP', () => {
  let api: TestApi;
  let team: Team;
  before(async () => {
    api = await startTestApi();
    team = await buildTeam(api);
  });
  after(() => api.close());

  const list = (): string => `/api/v1/orgs/${team.organizationId}/members`;
  const one = (userId: string): string => `${list()}/${userId}`;

  for (const [method, path] of [
    ['GET', list],
    ['POST', list],
    ['PATCH', () => one(team.developer.id)],
    ['DELETE', () => one(team.developer.id)],
  ] as const) {
    it(`refuses ${method} to who is not signed in`, async () => {
      expectProblem(await api.client.send(method, path()), 401, 'MISSING_CREDENTIALS');
    });
    it(`hides ${method} from a stranger`, async () => {
      const stranger = await buildTeam(api);
      const body = { email: stranger.admin.email, role: 'admin' };
      const sending =
        method === 'POST' ? { body } : method === 'PATCH' ? { body: { role: 'admin' } } : {};
      const answer = await stranger.admin.client.send(method, path(), sending);
      expectProblem(answer, 404, 'NOT_FOUND');
    });
  }

  for (const role of ['approver', 'developer', 'readOnly'] as const) {
    it(`does not let ${role} add, change or remove members`, async () => {
      const { client } = team[role];
      const body = { email: team.admin.email, role: 'admin' };
      expectProblem(await client.post(list(), body), 403, 'FORBIDDEN');
      expectProblem(await client.patch(one(team[role].id), { role: 'admin' }), 403, 'FORBIDDEN');
      expectProblem(await client.delete(one(team.admin.id)), 403, 'FORBIDDEN');
    });
  }

  it('refuses who has no account, both references at once, and none', async () => {
    const { client } = team.admin;
    const unknown = await client.post(list(), { email: 'nobody@example.com', role: 'approver' });
    const { errors } = expectProblem(unknown, 422, 'VALIDATION_FAILED');
    expect(errors?.[0]?.pointer).to.equal('/email');
    const both = { email: team.admin.email, user_id: team.admin.id, role: 'approver' };
    expectProblem(await client.post(list(), both), 422, 'VALIDATION_FAILED');
    expectProblem(await client.post(list(), { role: 'approver' }), 422, 'VALIDATION_FAILED');
    const role = { email: team.admin.email, role: 'owner' };
    expectProblem(await client.post(list(), role), 422, 'VALIDATION_FAILED');
  });

  it('adds somebody by address, once', async () => {
    const person = await registerPerson(api);
    const body = { email: person.email.toUpperCase(), role: 'approver' };
    const added = await team.admin.client.post(list(), body);
    expect(added.status).to.equal(201);
    expect(added.body).to.include({ user_id: person.id, email: person.email, role: 'approver' });
    expectProblem(await team.admin.client.post(list(), body), 409, 'ALREADY_MEMBER');
  });

  it('lists members page by page, to every member', async () => {
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 10; page += 1) {
      const answer = await team.readOnly.client.get<{
        items: { email: string }[];
        next: string | null;
      }>(`${list()}?limit=2${cursor}`);
      expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
      seen.push(...answer.body.items.map((item) => item.email));
      if (answer.body.next === null) break;
      cursor = `&cursor=${answer.body.next}`;
    }
    expect(new Set(seen).size).to.equal(seen.length);
    expect(seen).to.include.members([team.admin.email, team.readOnly.email]);
  });

  it('keeps the last admin, also against two admins who remove each other', async () => {
    const other = await buildTeam(api);
    const path = `/api/v1/orgs/${other.organizationId}/members`;
    const { admin, approver } = other;
    const self = `${path}/${admin.id}`;
    expectProblem(await admin.client.delete(self), 409, 'LAST_ADMIN');
    expectProblem(await admin.client.patch(self, { role: 'developer' }), 409, 'LAST_ADMIN');
    await admin.client.patch(`${path}/${approver.id}`, { role: 'admin' });
    const second = await signInAs(api, approver.email, other.organizationId);
    const answers = await Promise.all([
      admin.client.delete(`${path}/${approver.id}`),
      second.delete(self),
    ]);
    expect(answers.filter((answer) => answer.status === 204)).to.have.length(1);
  });

  it('writes who changed which role to the audit log', async () => {
    await team.admin.client.patch(one(team.readOnly.id), { role: 'approver' });
    const rows = await api.deps.database.withSystem('look', (trx) =>
      trx('audit_log').select('actor_id', 'target_id', 'details', 'request_id').where({
        organization_id: team.organizationId,
        action: 'member.update',
        outcome: 'success',
      }),
    );
    expect(rows, JSON.stringify(rows)).to.have.length(1);
    expect(rows[0]).to.deep.include({
      actor_id: team.admin.id,
      target_id: team.readOnly.id,
      details: { from: 'read_only', to: 'approver' },
    });
  });
});
