import { expect } from 'chai';
import { sweepAnswers } from '../../api/db/idempotency.ts';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, unique, type TestApi } from '../support/api/test-api.ts';
import { expectProblem, type Answer, type TestClient } from '../support/api/test-client.ts';
import { openClient } from '../support/database/as-app.ts';
import { catalogueOf, ordinaryClasses } from '../support/requests/class-objects.ts';
import { newRequest, REQUESTS } from '../support/requests/requests.ts';

describe('Idempotency-Key over HTTP', () => {
  let api: TestApi;
  let team: Team;
  before(async () => {
    api = await startTestApi({ classes: catalogueOf(ordinaryClasses()) });
    team = await buildTeam(api);
  });
  after(() => api.close());

  const newKey = (): string => `"${unique('key')}"`;
  const send = (
    key: string,
    body: object,
    client: TestClient = team.developer.client,
  ): Promise<Answer> => client.post(REQUESTS, body, { headers: { 'idempotency-key': key } });
  const count = async (table: string, where: object): Promise<number> =>
    api.deps.database.withSystem('look', async (trx) => (await trx(table).where(where)).length);

  it('refuses a key that is no quoted string', async () => {
    for (const key of ['plain', '""', '"open', 'a"b"', '"tab\t"', `"${'x'.repeat(256)}"`]) {
      expectProblem(await send(key, newRequest(team)), 400, 'IDEMPOTENCY_KEY_INVALID');
    }
  });

  it('refuses a key that came with something else before', async () => {
    const key = newKey();
    expect((await send(key, newRequest(team))).status).to.equal(201);
    expectProblem(await send(key, newRequest(team)), 422, 'IDEMPOTENCY_KEY_REUSED');
  });

  it('refuses a key that came for something in another place before', async () => {
    const headers = { 'idempotency-key': newKey() };
    const projects = `/api/v1/orgs/${team.organizationId}/projects`;
    const { client } = team.admin;
    const made = await client.post<{ id: string }>(projects, { name: 'Idem' });
    const body = { user_id: team.readOnly.id };
    const first = await client.post(`${projects}/${team.projectId}/members`, body, { headers });
    expect(first.status).to.equal(201);
    const second = client.post(`${projects}/${made.body.id}/members`, body, { headers });
    expectProblem(await second, 422, 'IDEMPOTENCY_KEY_REUSED');
  });

  it('answers a repetition like the first call, and does nothing', async () => {
    const [key, body] = [newKey(), newRequest(team)];
    const first = await send(key, body);
    const again = await send(key, body);
    expect(first.status).to.equal(201);
    expect(again.status).to.equal(201);
    expect(JSON.stringify(again.body)).to.equal(JSON.stringify(first.body));
    for (const name of ['location', 'etag', 'content-type']) {
      expect(again.headers.get(name), name).to.equal(first.headers.get(name));
    }
    expect(first.headers.get('idempotency-replayed')).to.equal(null);
    expect(again.headers.get('idempotency-replayed')).to.equal('true');
    expect(await count('request_events', { request_id: first.body['id'] })).to.equal(1);
  });

  it('takes fields in another order for the same', async () => {
    const [key, body] = [newKey(), newRequest(team)];
    const reversed = Object.fromEntries(Object.entries(body).reverse());
    const first = await send(key, body);
    expect((await send(key, reversed)).body['id']).to.equal(first.body['id']);
  });

  it('makes one thing of many calls at the same moment; the others hear of it or wait', async () => {
    const [key, body] = [newKey(), newRequest(team)];
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(key, body)));
    const running = answers.filter(({ status }) => status === 409);
    const made = answers.filter(({ status }) => status === 201);
    expect(running.length + made.length).to.equal(10);
    for (const answer of running) {
      expectProblem(answer, 409, 'IDEMPOTENCY_KEY_IN_USE');
      expect(answer.headers.get('retry-after')).to.equal('1');
    }
    expect(new Set(made.map((answer) => answer.body['id'])).size).to.equal(1);
    expect((await send(key, body)).status).to.equal(201);
  });

  it('says that the first call is still at work', async () => {
    const [key, body] = [newKey(), newRequest(team)];
    const root = await openClient(api.database.superuserUrl);
    try {
      // Holds up the call that makes it, which needs the project to stay as it is.
      await root.query('begin');
      await root.query('select from projects where id = $1 for update', [team.projectId]);
      const calls = [send(key, body), send(key, body)];
      // Whichever comes second is answered while the other one waits.
      expectProblem(await Promise.race(calls), 409, 'IDEMPOTENCY_KEY_IN_USE');
      await root.query('rollback');
      const statuses = (await Promise.all(calls)).map(({ status }) => status);
      expect(statuses).to.have.members([201, 409]);
    } finally {
      await root.end();
    }
  });

  it('tries again what was refused: nothing came of it', async () => {
    const key = newKey();
    const body = newRequest(team, { class_name: 'none' });
    expectProblem(await send(key, body), 422, 'VALIDATION_FAILED');
    expect((await send(key, newRequest(team))).status).to.equal(201);
  });

  it('keeps keys of other people, organisations and routes apart', async () => {
    const key = newKey();
    const other = await buildTeam(api);
    const own = await send(key, newRequest(team));
    const admin = await send(key, newRequest(team), team.admin.client);
    const foreign = await send(key, newRequest(other), other.developer.client);
    const headers = { 'idempotency-key': key };
    const path = `/api/v1/orgs/${team.organizationId}/projects`;
    const project = await team.admin.client.post(path, { name: 'Apart' }, { headers });
    const answers = [own, admin, foreign, project];
    expect(answers.map(({ status }) => status)).to.deep.equal([201, 201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body['id'])).size).to.equal(4);
  });

  it('keeps no answer that holds a secret', async () => {
    const headers = { 'idempotency-key': newKey() };
    const body = { name: 'secret', role: 'read_only' };
    const made = await team.admin.client.post('/api/v1/api-keys', body, { headers });
    expect(made.status).to.equal(201);
    expect(await count('idempotency_keys', { route: 'post /api-keys' })).to.equal(0);
  });

  it('forgets after a day, and sweeps what it forgot', async () => {
    const key = newKey();
    await send(key, newRequest(team));
    const root = await openClient(api.database.superuserUrl);
    try {
      const where = { key: key.slice(1, -1) };
      await root.query('update idempotency_keys set expires_at = now() where key = $1', [
        where.key,
      ]);
      expect((await send(key, newRequest(team))).status).to.equal(201);
      expect(await count('idempotency_keys', where)).to.equal(1);
      const tomorrow = new Date(Date.now() + 24.1 * 3_600_000);
      expect(await sweepAnswers(api.deps.database, new Date())).to.equal(0);
      expect(await sweepAnswers(api.deps.database, tomorrow)).to.be.greaterThan(0);
      expect(await count('idempotency_keys', {})).to.equal(0);
    } finally {
      await root.end();
    }
  });
});
