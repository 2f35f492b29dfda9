import { expect } from 'chai';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';

const PORTAL = 'https://portal.example.com';

describe('calls from pages of other origins', () => {
  let closed: TestApi;
  let listed: TestApi;
  let open: TestApi;
  before(async () => {
    closed = await startTestApi();
    listed = await startTestApi({}, { CORS_ORIGINS: `${PORTAL}, https://other.example.com` });
    open = await startTestApi({}, { CORS_ORIGINS: '*' });
  });
  after(() => Promise.all([closed, listed, open].map((api) => api.close())));

  const allowed = async (api: TestApi, origin: string): Promise<string | null> => {
    const answer = await api.client.get('/health', { headers: { origin } });
    return answer.headers.get('access-control-allow-origin');
  };
  const preflight = (api: TestApi, origin: string): ReturnType<typeof api.client.send> =>
    api.client.send('OPTIONS', '/api/v1/resource-requests', {
      headers: {
        origin,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization,if-match',
      },
    });

  it('are not allowed unless an origin is configured', async () => {
    expect(await allowed(closed, PORTAL)).to.equal(null);
    expect((await preflight(closed, PORTAL)).status).to.equal(405);
  });

  it('are allowed to the configured origins only', async () => {
    expect(await allowed(listed, PORTAL)).to.equal(PORTAL);
    expect(await allowed(listed, 'https://evil.example.com')).to.equal(null);
    const refused = await preflight(listed, 'https://portal.example.com.evil.example');
    expect(refused.headers.get('access-control-allow-origin')).to.equal(null);
  });

  it('are asked about first, and answered with methods and headers', async () => {
    const answer = await preflight(listed, PORTAL);
    expect(answer.status).to.equal(204);
    expect(answer.headers.get('access-control-allow-methods')).to.contain('PATCH');
    expect(answer.headers.get('access-control-allow-headers')).to.contain('if-match');
    expect(answer.headers.get('access-control-max-age')).to.equal('600');
  });

  it('may read what stands in the headers, also of an error', async () => {
    const answer = await listed.client.get('/api/v1/auth/me', { headers: { origin: PORTAL } });
    expect(answer.status).to.equal(401);
    expect(answer.headers.get('access-control-allow-origin')).to.equal(PORTAL);
    expect(answer.headers.get('access-control-expose-headers')).to.contain('X-Request-Id');
  });

  it('never carry cookies', async () => {
    expect(await allowed(open, PORTAL)).to.equal('*');
    const answer = await open.client.get('/health', { headers: { origin: PORTAL } });
    expect(answer.headers.get('access-control-allow-credentials')).to.equal(null);
  });
});
