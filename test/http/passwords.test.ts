import { expect } from 'chai';
import {
  buildTeam,
  PASSWORD,
  registerPerson,
  signInAs,
  type Person,
} from '../support/api/people.ts';
import { startTestApi } from '../support/api/test-api.ts';
import { expectProblem, type TestClient } from '../support/api/test-client.ts';
import { startMailingApi, type MailingApi } from '../support/mail/mailing-api.ts';

const NEXT = 'another long password';

describe('passwords over HTTP', () => {
  let api: MailingApi;
  before(async () => {
    api = await startMailingApi();
  });
  after(() => api.close());

  const login = (
    email: string,
    password = PASSWORD,
  ): ReturnType<typeof api.client.post<{ access_token: string; refresh_token: string }>> =>
    api.client.post('/api/v1/auth/login', { email, password });
  const change = (
    client: TestClient,
    current = PASSWORD,
    next = NEXT,
  ): ReturnType<typeof api.client.post<{ access_token: string; refresh_token: string }>> =>
    client.post('/api/v1/auth/password', { current_password: current, new_password: next });
  const forgot = (email: string): ReturnType<typeof api.client.post> =>
    api.client.post('/api/v1/auth/password/forgot', { email });
  const reset = (token: string, password = NEXT): ReturnType<typeof api.client.post> =>
    api.client.post('/api/v1/auth/password/reset', { token, password });

  describe('that are changed', () => {
    it('need a token, the present password, and a new one of eight characters', async () => {
      const { client } = await registerPerson(api);
      expectProblem(await change(api.client), 401, 'MISSING_CREDENTIALS');
      expectProblem(await change(client, 'wrong'), 401, 'INVALID_CREDENTIALS');
      expectProblem(await change(client, PASSWORD, 'short'), 422, 'VALIDATION_FAILED');
      const broken = await client.post('/api/v1/auth/password', '{');
      expectProblem(broken, 400, 'MALFORMED_BODY');
    });

    it('end every other sign-in, and give new tokens for this one', async () => {
      const team = await buildTeam(api);
      const { email } = team.developer;
      const other = (await login(email)).body;
      const here = await signInAs(api, email, team.organizationId);
      const answer = await change(here);
      expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
      expect(answer.headers.get('cache-control')).to.equal('no-store');
      for (const client of [here, api.client.withToken(other.access_token)]) {
        expectProblem(await client.get('/api/v1/auth/me'), 401, 'TOKEN_REVOKED');
      }
      const refreshed = await api.client.post('/api/v1/auth/refresh', {
        refresh_token: other.refresh_token,
      });
      expectProblem(refreshed, 401, 'INVALID_TOKEN');
      const me = await api.client
        .withToken(answer.body.access_token)
        .get<{ organization: { id: string } }>('/api/v1/auth/me');
      expect(me.body.organization.id).to.equal(team.organizationId);
      expectProblem(await login(email), 401, 'INVALID_CREDENTIALS');
      expect((await login(email, NEXT)).status).to.equal(200);
    });

    it('stand in the audit log of the organisations of the person', async () => {
      const team = await buildTeam(api);
      await change(team.approver.client);
      const audit = await team.admin.client.get<{
        items: { action: string; actor: { id: string } }[];
      }>('/api/v1/audit-logs');
      expect(audit.body.items[0]).to.include({ action: 'user.change_password' });
    });
  });

  describe('that were forgotten', () => {
    const asked = async (person: Person): Promise<string> => {
      expect((await forgot(person.email)).status).to.equal(202);
      return api.tokenFor(person.email);
    };

    it('are answered alike whether there is such an account or not; only one gets a mail', async () => {
      const { email } = await registerPerson(api);
      const known = await forgot(email);
      const unknown = await forgot('nobody-at-all@example.com');
      expect([known.status, known.body]).to.deep.equal([unknown.status, unknown.body]);
      await api.tokenFor(email);
      const recipients = api.inbox.mails.flatMap(({ to }) => to);
      expect(recipients).to.include(email).and.not.to.include('nobody-at-all@example.com');
    });

    it('are chosen anew with the link, once; every sign-in ends', async () => {
      const person = await registerPerson(api);
      const { refresh_token } = (await login(person.email)).body;
      const token = await asked(person);
      const answers = await Promise.all([reset(token), reset(token)]);
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([204, 400]);
      expectProblem(await reset(token), 400, 'RESET_INVALID');
      expectProblem(await person.client.get('/api/v1/auth/me'), 401, 'TOKEN_REVOKED');
      const refreshed = await api.client.post('/api/v1/auth/refresh', { refresh_token });
      expectProblem(refreshed, 401, 'INVALID_TOKEN');
      expect((await login(person.email, NEXT)).status).to.equal(200);
    });

    it('need a link that is known, newest, and not over', async () => {
      const person = await registerPerson(api);
      const first = await asked(person);
      const second = await asked(person);
      expectProblem(await reset('qmp_unknown'), 400, 'RESET_INVALID');
      expectProblem(await reset(first), 400, 'RESET_INVALID');
      await api.deps.database.withSystem('age', (trx) =>
        trx('password_resets').update({ expires_at: new Date() }),
      );
      expectProblem(await reset(second), 400, 'RESET_INVALID');
      expect((await login(person.email)).status).to.equal(200);
    });

    it('leave no token at rest, and none in the log', async () => {
      const token = await asked(await registerPerson(api));
      const rows = await api.deps.database.withSystem('look', (trx) =>
        trx('password_resets').select(),
      );
      expect(JSON.stringify([rows, api.logged])).not.to.contain(token);
    });

    it('fill the queue with one mail, however often somebody asks', async () => {
      const { email } = await registerPerson(api);
      await Promise.all(Array.from({ length: 5 }, () => forgot(email)));
      await api.deliver();
      expect(api.inbox.mails.filter(({ to }) => to.includes(email))).to.have.length(1);
    });

    it('cannot be chosen anew without a mail server, which is said for every address', async () => {
      const mute = await startTestApi();
      try {
        const body = { email: 'nobody-at-all@example.com' };
        const answer = await mute.client.post('/api/v1/auth/password/forgot', body);
        expectProblem(answer, 503, 'MAIL_NOT_CONFIGURED');
      } finally {
        await mute.close();
      }
    });
  });
});
