import { expect } from 'chai';
import { BODY_LIMIT } from '../../api/middleware/read-body.ts';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem } from '../support/api/test-client.ts';

describe('what cannot be served is answered as a problem', () => {
  let api: TestApi;
  let team: Team;
  before(async () => {
    api = await startTestApi();
    team = await buildTeam(api);
  });
  after(() => api.close());

  const json = { 'content-type': 'application/json' };

  it('404 for a path that does not exist', async () => {
    for (const path of [
      '/nothing',
      '/api/v1/nothing',
      '/docs/../config.ts',
      '/docs/package.json',
    ]) {
      expectProblem(await api.client.get(path), 404, 'NOT_FOUND');
    }
  });

  it('404 for an id that is none', async () => {
    expectProblem(await team.admin.client.get('/api/v1/orgs/not-a-uuid'), 404, 'NOT_FOUND');
  });

  it('405 with what is allowed', async () => {
    const answer = await api.client.send('PUT', '/api/v1/orgs');
    expectProblem(answer, 405, 'METHOD_NOT_ALLOWED');
    expect(answer.headers.get('allow')?.split(', ')).to.have.members(['GET', 'HEAD', 'POST']);
  });

  it('400 for a body that is no JSON object', async () => {
    for (const body of ['{"email":', '"text"', '{"a":1}trailing']) {
      const answer = await api.client.send('POST', '/api/v1/auth/login', { headers: json, body });
      expectProblem(answer, 400, 'MALFORMED_BODY');
    }
  });

  it('413 for a body that is too large', async () => {
    const body = JSON.stringify({ email: 'x'.repeat(BODY_LIMIT) });
    const answer = await api.client.send('POST', '/api/v1/auth/login', { headers: json, body });
    expectProblem(answer, 413, 'BODY_TOO_LARGE');
  });

  it('415 for a body of another type', async () => {
    const answer = await api.client.send('POST', '/api/v1/auth/login', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'email=a',
    });
    expectProblem(answer, 415, 'UNSUPPORTED_MEDIA_TYPE');
  });

  it('422 where a body is missing', async () => {
    expectProblem(await api.client.send('POST', '/api/v1/auth/login'), 422, 'VALIDATION_FAILED');
  });

  it('422 for a page that cannot be', async () => {
    for (const query of ['limit=0', 'limit=101', 'cursor=nonsense', 'unknown=1']) {
      const answer = await team.admin.client.get(`/api/v1/orgs?${query}`);
      const { errors } = expectProblem(answer, 422, 'VALIDATION_FAILED');
      expect(errors?.[0]?.pointer).to.equal(`/${query.split('=')[0]}`);
    }
  });

  it('401 before everything else, then the input, then the rights', async () => {
    const path = `/api/v1/orgs/${team.organizationId}/projects`;
    const broken = { headers: json, body: '{' };
    expectProblem(await api.client.send('POST', path, broken), 401, 'MISSING_CREDENTIALS');
    const { client } = team.readOnly;
    expectProblem(await client.send('POST', path, broken), 400, 'MALFORMED_BODY');
    expectProblem(await client.post(path, { name: '' }), 422, 'VALIDATION_FAILED');
    expectProblem(await client.post(path, { name: 'Fine' }), 403, 'FORBIDDEN');
  });

  it('401 for a token that was ended early, also with a broken body', async () => {
    const other = await buildTeam(api);
    await other.admin.client.patch(
      `/api/v1/orgs/${other.organizationId}/members/${other.developer.id}`,
      { role: 'read_only' },
    );
    const answer = await other.developer.client.send('POST', '/api/v1/orgs', {
      headers: json,
      body: '{',
    });
    expectProblem(answer, 401, 'TOKEN_REVOKED');
  });

  it('with the id of the request, which is kept where one came in', async () => {
    const given = await api.client.get('/nothing', { headers: { 'x-request-id': 'trace-42' } });
    expect(given.headers.get('x-request-id')).to.equal('trace-42');
    const made = await api.client.get('/nothing', { headers: { 'x-request-id': 'two words' } });
    expect(made.headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/);
    const line = api.logged.find((entry) => entry['request_id'] === 'trace-42');
    expect(line).to.include({ method: 'GET', path: '/nothing', status: 404 });
  });

  it('500 with nothing of the inside for a fault of ours', async () => {
    const broken = await startTestApi();
    try {
      await broken.deps.database.close();
      const answer = await broken.client.post('/api/v1/auth/login', {
        email: 'a@example.com',
        password: 'whatever it is',
      });
      const problem = expectProblem(answer, 500, 'INTERNAL');
      expect(problem.detail).not.to.match(/knex|pool|destroy/i);
      expect(broken.logged.some((line) => line.level === 'error')).to.equal(true);
    } finally {
      await broken.close();
    }
  });
});
