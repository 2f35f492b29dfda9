import { expect } from 'chai';
import { Database } from '../../api/db/database.ts';
import { Readiness } from '../../api/readiness.ts';
import { ApiServer } from '../../api/server.ts';
import { systemClock } from '../../lib/clock.ts';
import { recordingLogger, startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem, TestClient } from '../support/api/test-client.ts';

interface OpenApi {
  openapi: string;
  paths: Record<
    string,
    Record<string, { security: unknown[]; responses: object; parameters?: object[] }>
  >;
}

describe('what the api says of itself', () => {
  let api: TestApi;
  before(async () => {
    api = await startTestApi();
  });
  after(() => api.close());

  it('is alive, under both addresses', async () => {
    for (const path of ['/health', '/api/v1/health']) {
      const answer = await api.client.get(path);
      expect(answer).to.deep.include({ status: 200, body: { status: 'ok' } });
    }
  });

  it('gives name, version and links', async () => {
    const { body } = await api.client.get('/');
    expect(body).to.include({ name: 'quartermaster' });
    expect(body['version']).to.match(/^\d+\.\d+\.\d+/);
  });

  it('is ready with a database of the present schema', async () => {
    const { status, body } = await api.client.get('/ready');
    expect(status).to.equal(200);
    expect(body).to.deep.equal({
      status: 'ready',
      checks: {
        database: { status: 'ok' },
        schema: { status: 'ok' },
        kubernetes: {
          status: 'disabled',
          detail:
            'Kubernetes is not connected: what is approved is kept, and nothing is provisioned.',
        },
      },
    });
  });

  it('is not ready, and says 503 to everybody, while the database is away', async () => {
    // Port 1 is never listened on.
    const url = 'postgres://nobody:secret-of-db@127.0.0.1:1/none';
    const database = new Database({
      appUrl: url,
      systemUrl: url,
      maxConnections: 2,
      log: recordingLogger([]),
    });
    const readiness = new Readiness({ database, kube: undefined, clock: systemClock });
    const away = await startTestApi({ database, readiness });
    try {
      const ready = await away.client.get('/ready');
      expect(ready.status).to.equal(503);
      expect(ready.body).to.deep.include({ status: 'unavailable' });
      const body = { email: 'a@example.com', password: 'whatever it is' };
      const login = await away.client.post('/api/v1/auth/login', body);
      expectProblem(login, 503, 'UNAVAILABLE');
      expect(login.headers.get('retry-after')).to.equal('5');
      expect((await away.client.get('/health')).status).to.equal(200);
      expect(JSON.stringify([ready.body, login.body, away.logged])).not.to.contain('secret-of-db');
    } finally {
      await database.close();
      await away.close();
    }
  });

  it('is alive and not ready while it is starting', async () => {
    const server = new ApiServer();
    const port = await server.listen({ host: '127.0.0.1', port: 0 });
    try {
      const client = new TestClient(`http://127.0.0.1:${port}`);
      expect((await client.get('/health')).status).to.equal(200);
      expectProblem(await client.get('/ready'), 503, 'UNAVAILABLE');
    } finally {
      await server.close({ graceMs: 0 });
    }
  });

  it('describes every route in OpenAPI 3.1, with who may call it', async () => {
    const { body } = await api.client.get<OpenApi>('/openapi.json');
    expect(body.openapi).to.equal('3.1.0');
    const login = body.paths['/api/v1/auth/login']?.['post'];
    expect(login?.security).to.deep.equal([]);
    const orgs = body.paths['/api/v1/orgs/{id}']?.['patch'];
    expect(orgs?.security).to.deep.equal([{ bearer: [] }, { api_key: [] }]);
    expect(orgs?.responses).to.include.keys('200', '401', '403', '404', '412', '422');
    expect(orgs?.responses).not.to.have.any.keys('428', 'default');
    const request = body.paths['/api/v1/resource-requests']?.['post'];
    expect(JSON.stringify(request?.parameters)).to.contain('Idempotency-Key');
    const key = body.paths['/api/v1/api-keys']?.['post'];
    expect(JSON.stringify(key)).not.to.contain('Idempotency-Key');
    expect(body.paths).to.include.keys('/', '/health', '/ready', '/docs', '/api/v1/auth/me');
    expect(JSON.stringify(body)).to.contain('"additionalProperties":false');
  });

  it('shows the document as a page whose files all come from here', async () => {
    const page = await api.client.get<string>('/docs');
    expect(page.headers.get('content-type')).to.match(/^text\/html/);
    expect(page.body).not.to.match(/https?:\/\//);
    const files = [...page.body.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(
      ([, file]) => file,
    );
    expect(files).to.have.length(4);
    for (const file of files) {
      const answer = await api.client.get(file!);
      expect(answer.status, file).to.equal(200);
      expect(answer.headers.get('x-content-type-options')).to.equal('nosniff');
    }
  });

  it('allows no script but its own files, and no frame', async () => {
    const { headers } = await api.client.get('/docs');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).to.contain("script-src 'self'").and.to.contain("frame-ancestors 'none'");
    expect(policy).not.to.contain('unsafe-eval').and.not.to.contain('upgrade-insecure-requests');
    expect(headers.get('x-powered-by')).to.equal(null);
  });
});
