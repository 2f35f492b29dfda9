import { expect } from 'chai';
import { request } from 'undici';
import { startHealthServer, type HealthServer } from '../../../operator/health-server.ts';

describe('the health server', () => {
  const state = { alive: true, ready: true };
  let server: HealthServer;

  before(async () => {
    server = await startHealthServer(0, {
      isAlive: () => state.alive,
      isReady: () => state.ready,
    });
  });
  after(() => server.close());

  async function ask(path: string): Promise<[number, unknown]> {
    const { statusCode, body } = await request(`http://127.0.0.1:${server.port}${path}`);
    return [statusCode, await body.json()];
  }

  const cases: [string, { alive: boolean; ready: boolean }, string, number][] = [
    [
      'is not healthy when only a new start can help',
      { alive: false, ready: true },
      '/health',
      503,
    ],
    ['is healthy while it is not ready', { alive: true, ready: false }, '/health', 200],
    ['is not ready when nobody can count on it', { alive: true, ready: false }, '/ready', 503],
    ['is ready when it says so', { alive: true, ready: true }, '/ready', 200],
    ['knows nothing else', { alive: true, ready: true }, '/', 404],
  ];
  for (const [title, health, path, status] of cases) {
    it(title, async () => {
      Object.assign(state, health);
      const word = status === 200 ? 'ok' : 'unavailable';
      expect(await ask(path)).to.deep.equal([status, { status: word }]);
    });
  }
});
