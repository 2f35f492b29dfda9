import { expect } from 'chai';
import { buildTeam, PASSWORD, registerPerson, signInAs } from '../support/api/people.ts';
import { startTestApi, unique, type TestApi } from '../support/api/test-api.ts';
import { expectProblem } from '../support/api/test-client.ts';

interface Tokens {
  access_token: string;
  refresh_token: string;
  expires_in: number;
  token_type: string;
}

describe('signing in over HTTP', () => {
  let api: TestApi;
  before(async () => {
    api = await startTestApi();
  });
  after(() => api.close());

  const login = (email: string, more: object = {}): ReturnType<typeof api.client.post<Tokens>> =>
    api.client.post<Tokens>('/api/v1/auth/login', { email, password: PASSWORD, ...more });
  const refresh = (token: string): ReturnType<typeof api.client.post<Tokens>> =>
    api.client.post<Tokens>('/api/v1/auth/refresh', { refresh_token: token });

  it('refuses an unknown address and a wrong password alike', async () => {
    const person = await registerPerson(api);
    const unknown = await login('nobody@example.com');
    const wrong = await login(person.email, { password: 'wrong password' });
    expectProblem(unknown, 401, 'INVALID_CREDENTIALS');
    expectProblem(wrong, 401, 'INVALID_CREDENTIALS');
    expect(unknown.body).to.deep.equal(wrong.body);
  });

  it('names the faulty fields of a registration', async () => {
    const body = { email: 'not-an-address', password: 'short', is_admin: true };
    const answer = await api.client.post('/api/v1/auth/register', body);
    const { errors } = expectProblem(answer, 422, 'VALIDATION_FAILED');
    expect(errors?.map((error) => error.pointer)).to.have.members([
      '/email',
      '/password',
      '/is_admin',
    ]);
  });

  it('refuses an address that has an account, however it is written', async () => {
    const { email } = await registerPerson(api);
    const body = { email: ` ${email.toUpperCase()} `, password: PASSWORD };
    expectProblem(await api.client.post('/api/v1/auth/register', body), 409, 'EMAIL_TAKEN');
  });

  it('refuses registration where it is closed', async () => {
    const closed = await startTestApi({}, { REGISTRATION: 'closed' });
    try {
      const body = { email: `${unique('x')}@example.com`, password: PASSWORD };
      const answer = await closed.client.post('/api/v1/auth/register', body);
      expectProblem(answer, 403, 'REGISTRATION_CLOSED');
    } finally {
      await closed.close();
    }
  });

  it('never shows a hash or a password, in no answer and no log line', async () => {
    const email = `${unique('quiet')}@example.com`;
    const password = 'a password to be found';
    const made = await api.client.post('/api/v1/auth/register', { email, password });
    expect(made.body).to.have.all.keys('id', 'email', 'name', 'is_admin', 'created_at');
    await api.client.post('/api/v1/auth/login', { email, password });
    const everything = JSON.stringify([made.body, api.logged]);
    expect(everything).not.to.contain(password).and.not.to.contain('argon2');
  });

  it('gives a Bearer token of fifteen minutes that no cache may keep', async () => {
    const { email } = await registerPerson(api);
    const answer = await login(email);
    expect(answer.body).to.include({ token_type: 'Bearer', expires_in: 900 });
    expect(answer.headers.get('cache-control')).to.equal('no-store');
  });

  it('refuses to sign in to an organisation of others', async () => {
    const team = await buildTeam(api);
    const { email } = await registerPerson(api);
    const answer = await login(email, { organization_id: team.organizationId });
    expectProblem(answer, 403, 'NOT_A_MEMBER');
  });

  it('takes the organisation of a call from the org-id header, for members', async () => {
    const team = await buildTeam(api);
    const other = await buildTeam(api);
    const { client } = team.admin;
    const own = await client.get('/api/v1/auth/me', {
      headers: { 'org-id': team.organizationId },
    });
    expect(own.body['role']).to.equal('admin');
    const foreign = await client.get('/api/v1/auth/me', {
      headers: { 'org-id': other.organizationId },
    });
    expect(foreign.body).to.include({ role: null, organization: null });
    expect(foreign.body['abilities']).to.deep.equal([]);
  });

  it('says who one is and what one may do', async () => {
    const team = await buildTeam(api);
    const { body } = await team.readOnly.client.get<{
      user: { email: string };
      organization: { id: string };
      role: string;
      abilities: { action: string }[];
    }>('/api/v1/auth/me');
    expect(body.user.email).to.equal(team.readOnly.email);
    expect(body.organization.id).to.equal(team.organizationId);
    expect(body.role).to.equal('read_only');
    expect(body.abilities.map((ability) => ability.action)).to.satisfy((actions: string[]) =>
      actions.every((action) => action === 'read'),
    );
    expectProblem(await api.client.get('/api/v1/auth/me'), 401, 'MISSING_CREDENTIALS');
  });

  it('gives new tokens for a refresh token, once', async () => {
    const { email } = await registerPerson(api);
    const first = (await login(email)).body;
    const second = await refresh(first.refresh_token);
    expect(second.status).to.equal(200);
    const client = api.client.withToken(second.body.access_token);
    expect((await client.get('/api/v1/auth/me')).status).to.equal(200);
    expect((await refresh(second.body.refresh_token)).status).to.equal(200);
  });

  it('ends the whole sign-in when a spent refresh token comes again, and no other', async () => {
    const { email } = await registerPerson(api);
    const first = (await login(email)).body;
    const other = (await login(email)).body;
    const second = (await refresh(first.refresh_token)).body;
    expectProblem(await refresh(first.refresh_token), 401, 'INVALID_TOKEN');
    expectProblem(await refresh(second.refresh_token), 401, 'INVALID_TOKEN');
    expect((await refresh(other.refresh_token)).status).to.equal(200);
  });

  it('spends a refresh token once, however many come at the same moment', async () => {
    const { email } = await registerPerson(api);
    const { refresh_token: token } = (await login(email)).body;
    const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(token)));
    expect(answers.filter((answer) => answer.status === 200)).to.have.length(1);
  });

  it('signs out: the refresh token no longer holds, and doing it twice is no fault', async () => {
    const { email } = await registerPerson(api);
    const { refresh_token: token } = (await login(email)).body;
    const signOut = (): ReturnType<typeof api.client.post> =>
      api.client.post('/api/v1/auth/logout', { refresh_token: token });
    expect((await signOut()).status).to.equal(204);
    expect((await signOut()).status).to.equal(204);
    expectProblem(await refresh(token), 401, 'INVALID_TOKEN');
    expectProblem(await refresh('qmr_unknown'), 401, 'INVALID_TOKEN');
  });

  it('keeps the role up to date across a refresh', async () => {
    const team = await buildTeam(api);
    const { developer, admin, organizationId } = team;
    const first = (await login(developer.email)).body;
    await admin.client.patch(`/api/v1/orgs/${organizationId}/members/${developer.id}`, {
      role: 'approver',
    });
    const second = (await refresh(first.refresh_token)).body;
    const me = await api.client.withToken(second.access_token).get('/api/v1/auth/me');
    expect(me.body['role']).to.equal('approver');
  });

  it('takes about as long for an unknown address as for a wrong password', async () => {
    const { email } = await registerPerson(api);
    const time = async (address: string): Promise<number> => {
      const started = performance.now();
      for (let count = 0; count < 5; count += 1) await login(address, { password: 'wrong one' });
      return performance.now() - started;
    };
    await time('warm-up@example.com');
    const [known, unknown] = [await time(email), await time('unknown@example.com')];
    expect(unknown).to.be.greaterThan(known / 4);
  });

  it('keeps a sign-in for an organisation apart from others', async () => {
    const team = await buildTeam(api);
    const client = await signInAs(api, team.admin.email, team.organizationId);
    const me = await client.get<{ organization: { id: string } }>('/api/v1/auth/me');
    expect(me.body.organization.id).to.equal(team.organizationId);
  });
});
