import { expect } from 'chai';
import { SignInGuard, sweepSignInFailures } from '../../api/auth/sign-in-guard.ts';
import { RateLimitedError } from '../../api/errors.ts';
import { PASSWORD, registerPerson } from '../support/api/people.ts';
import { startTestApi, unique, type TestApi } from '../support/api/test-api.ts';
import { expectProblem } from '../support/api/test-client.ts';
import { rejection } from '../support/rejection.ts';

describe('sign-ins that fail', () => {
  let api: TestApi;
  let aheadMs = 0;
  const clock = { now: (): Date => new Date(Date.now() + aheadMs) };
  before(async () => {
    api = await startTestApi({ clock }, { PROXY_HOPS: '1' });
  });
  after(() => api.close());
  afterEach(() => {
    aheadMs = 0;
  });

  let last = 0;
  const elsewhere = (): Record<string, string> => ({ 'x-forwarded-for': `10.0.1.${(last += 1)}` });
  const login = (
    email: string,
    password = 'wrong password',
    headers = elsewhere(),
  ): ReturnType<typeof api.client.post> =>
    api.client.post('/api/v1/auth/login', { email, password }, { headers });
  const fail = async (email: string, times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      expectProblem(await login(email), 401, 'INVALID_CREDENTIALS');
    }
  };

  it('make an account wait, also for the right password and from elsewhere', async () => {
    const { email } = await registerPerson(api);
    await fail(email, 5);
    const answer = await login(email, PASSWORD);
    expectProblem(answer, 429, 'RATE_LIMITED');
    expect(answer.headers.get('retry-after')).to.equal('1');
    aheadMs = 1_100;
    expect((await login(email, PASSWORD)).status).to.equal(200);
  });

  it('make it wait twice as long each time, and start anew after it worked', async () => {
    const { email } = await registerPerson(api);
    await fail(email, 5);
    aheadMs += 1_100;
    await fail(email, 1);
    aheadMs += 1_100;
    expectProblem(await login(email, PASSWORD), 429, 'RATE_LIMITED');
    aheadMs += 1_100;
    expect((await login(email, PASSWORD)).status).to.equal(200);
    await fail(email, 4);
    expect((await login(email, PASSWORD)).status).to.equal(200);
  });

  it('count for accounts that do not exist as for others', async () => {
    const email = `${unique('nobody')}@example.com`;
    await fail(email, 5);
    expectProblem(await login(email), 429, 'RATE_LIMITED');
  });

  it('count when they come at once as when they come in a row', async () => {
    const { email } = await registerPerson(api);
    const answers = await Promise.all(Array.from({ length: 20 }, () => login(email)));
    expect(answers.filter(({ status }) => status === 401)).to.have.length(5);
    expect(answers.filter(({ status }) => status === 429)).to.have.length(15);
  });

  it('make an address wait that tries many accounts, and nobody else', async () => {
    const headers = elsewhere();
    const { email } = await registerPerson(api);
    for (let time = 0; time < 50; time += 1) {
      const stranger = `${unique('guess')}@example.com`;
      expectProblem(await login(stranger, 'guess', headers), 401, 'INVALID_CREDENTIALS');
    }
    expectProblem(await login(email, PASSWORD, headers), 429, 'RATE_LIMITED');
    expect((await login(email, PASSWORD)).status).to.equal(200);
  });

  it('are shared by all replicas, and forgotten after an hour', async () => {
    const attempt = { email: `${unique('shared')}@example.com`, address: '10.9.9.9' };
    const replicas = [1, 2].map(() => new SignInGuard(api.deps.database, clock));
    const wrong = (): Promise<boolean> => Promise.resolve(false);
    for (let time = 0; time < 5; time += 1) await replicas[0]!.attempt(attempt, wrong);
    const refusal = await rejection(replicas[1]!.attempt(attempt, wrong));
    expect(refusal).to.be.instanceOf(RateLimitedError);
    aheadMs = 3_700_000;
    expect(await sweepSignInFailures(api.deps.database, clock.now())).to.be.greaterThan(0);
    for (let time = 0; time < 4; time += 1) await replicas[1]!.attempt(attempt, wrong);
    expect(await replicas[0]!.attempt(attempt, () => Promise.resolve(true))).to.equal(true);
  });

  it('leave neither address nor account in the table in clear', async () => {
    const { email } = await registerPerson(api);
    await login(email, 'wrong', { 'x-forwarded-for': '10.7.7.7' });
    const rows = await api.deps.database.withSystem('look', (trx) =>
      trx('sign_in_failures').select(),
    );
    expect(JSON.stringify(rows)).not.to.contain(email).and.not.to.contain('10.7.7.7');
  });
});
