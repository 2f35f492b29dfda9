import { expect } from 'chai';
import { PASSWORD, registerPerson, type Person } from '../support/api/people.ts';
import { startTestApi, unique, type TestApi } from '../support/api/test-api.ts';
import { expectProblem } from '../support/api/test-client.ts';

const FEW = {
  RATE_LIMIT_PER_ADDRESS: '30',
  RATE_LIMIT_PER_PRINCIPAL: '5',
  RATE_LIMIT_SIGN_IN: '6',
  PROXY_HOPS: '1',
};

describe('rate limits', () => {
  let api: TestApi;
  before(async () => {
    api = await startTestApi({}, FEW);
  });
  after(() => api.close());

  let last = 0;
  /** As if the proxy in front had seen the call come from an address of its own. */
  const elsewhere = (): Record<string, string> => ({ 'x-forwarded-for': `10.0.0.${(last += 1)}` });
  const me = (person: Person, headers = elsewhere()): ReturnType<typeof api.client.get> =>
    person.client.get('/api/v1/auth/me', { headers });

  it('refuse a person who calls too often, wherever from, and say when to come back', async () => {
    const person = await registerPerson(api);
    for (let call = 1; call <= 5; call += 1) expect((await me(person)).status).to.equal(200);
    const answer = await me(person);
    expectProblem(answer, 429, 'RATE_LIMITED');
    expect(Number(answer.headers.get('retry-after'))).to.be.within(1, 60);
    expect(answer.headers.get('ratelimit')).to.match(/"principal";r=0;t=\d+/);
    expect((await me(await registerPerson(api))).status).to.equal(200);
  });

  it('say in each answer what is allowed and what is left', async () => {
    const person = await registerPerson(api);
    const answer = await me(person);
    expect(answer.headers.get('ratelimit-policy')).to.equal(
      '"address";q=30;w=60, "principal";q=5;w=60',
    );
    expect(answer.headers.get('ratelimit')).to.match(
      /^"address";r=29;t=\d+, "principal";r=4;t=\d+$/,
    );
  });

  it('refuse an address that calls too often, also without a token', async () => {
    const headers = elsewhere();
    const statuses: number[] = [];
    for (let call = 0; call < 31; call += 1) {
      statuses.push((await api.client.get('/api/v1/nothing', { headers })).status);
    }
    expect(statuses.slice(0, 30).every((status) => status === 404)).to.equal(true);
    expect(statuses[30]).to.equal(429);
    expect((await api.client.get('/health', { headers })).status).to.equal(200);
    const other = { headers: elsewhere() };
    expect((await api.client.get('/api/v1/nothing', other)).status).to.equal(404);
  });

  it('are stricter for signing in', async () => {
    const headers = elsewhere();
    const body = (): object => ({ email: `${unique('x')}@example.com`, password: PASSWORD });
    const login = (): ReturnType<typeof api.client.post> =>
      api.client.post('/api/v1/auth/login', body(), { headers });
    for (let call = 1; call <= 6; call += 1) {
      expectProblem(await login(), 401, 'INVALID_CREDENTIALS');
    }
    expectProblem(await login(), 429, 'RATE_LIMITED');
  });

  it('believe only the address that the proxy in front wrote, and none without a proxy', async () => {
    const direct = await startTestApi({}, { ...FEW, PROXY_HOPS: '0', RATE_LIMIT_PER_ADDRESS: '1' });
    try {
      const first = await direct.client.get('/api/v1/nothing', { headers: elsewhere() });
      const second = await direct.client.get('/api/v1/nothing', { headers: elsewhere() });
      expect([first.status, second.status]).to.deep.equal([404, 429]);
    } finally {
      await direct.close();
    }
    const forged = { 'x-forwarded-for': `1.2.3.4, ${elsewhere()['x-forwarded-for']}` };
    await api.client.get('/', { headers: forged });
    const line = api.logged.findLast(({ message }) => message === 'request');
    expect(line?.['address']).to.equal(forged['x-forwarded-for'].split(', ')[1]);
  });
});
