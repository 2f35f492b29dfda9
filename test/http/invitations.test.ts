import { expect } from 'chai';
import { buildTeam, PASSWORD, registerPerson, signInAs, type Team } from '../support/api/people.ts';
import { startTestApi, unique } from '../support/api/test-api.ts';
import { expectProblem } from '../support/api/test-client.ts';
import { startMailingApi, type MailingApi } from '../support/mail/mailing-api.ts';

interface Invitation {
  id: string;
  email: string;
  role: string;
}

describe('invitations over HTTP', () => {
  let api: MailingApi;
  let team: Team;
  before(async () => {
    api = await startMailingApi();
    team = await buildTeam(api);
  });
  after(() => api.close());

  const list = (): string => `/api/v1/orgs/${team.organizationId}/invitations`;
  const invite = async (email: string, role = 'developer'): Promise<Invitation> => {
    const answer = await team.admin.client.post<Invitation>(list(), { email, role });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body;
  };
  const newAddress = (): string => `${unique('invited')}@example.com`;
  const register = (
    email: string,
    invitation?: string,
  ): ReturnType<typeof api.client.post<{ id: string }>> =>
    api.client.post('/api/v1/auth/register', { email, password: PASSWORD, invitation });

  it('are refused to who is not signed in, hidden from strangers, and for admins only', async () => {
    const body = { email: newAddress(), role: 'admin' };
    expectProblem(await api.client.post(list(), body), 401, 'MISSING_CREDENTIALS');
    const stranger = await buildTeam(api);
    expectProblem(await stranger.admin.client.post(list(), body), 404, 'NOT_FOUND');
    expectProblem(await stranger.admin.client.get(list()), 404, 'NOT_FOUND');
    for (const role of ['approver', 'developer', 'readOnly'] as const) {
      expectProblem(await team[role].client.post(list(), body), 403, 'FORBIDDEN');
      expectProblem(await team[role].client.get(list()), 403, 'FORBIDDEN');
    }
  });

  it('say that there is no mail server, where there is none', async () => {
    const mute = await startTestApi();
    try {
      const { admin, organizationId } = await buildTeam(mute);
      const path = `/api/v1/orgs/${organizationId}/invitations`;
      const answer = await admin.client.post(path, { email: newAddress(), role: 'developer' });
      const { detail } = expectProblem(answer, 503, 'MAIL_NOT_CONFIGURED');
      expect(detail).to.contain('SMTP_URL');
    } finally {
      await mute.close();
    }
  });

  it('are not for who is a member already', async () => {
    const body = { email: team.developer.email, role: 'developer' };
    expectProblem(await team.admin.client.post(list(), body), 409, 'ALREADY_MEMBER');
  });

  it('come by mail from the configured sender, with a link that no answer shows', async () => {
    const email = newAddress();
    const invitation = await invite(email);
    const token = await api.tokenFor(email);
    const mail = api.inbox.mails.at(-1)!;
    expect(mail.to).to.deep.equal([email]);
    expect(mail).to.include({ from: 'platform@example.com', user: 'quartermaster' });
    expect(mail.text).to.contain(`${api.deps.config.PUBLIC_URL}/invitation#token=${token}`);
    const listed = await team.admin.client.get<{ items: Invitation[] }>(list());
    expect(listed.body.items.map(({ id }) => id)).to.include(invitation.id);
    const rows = await api.deps.database.withSystem('look', (trx) => trx('invitations').select());
    const everything = JSON.stringify([invitation, listed.body, rows, api.logged]);
    expect(everything).not.to.contain(token);
  });

  it('make who registers by them a member in their role', async () => {
    const email = newAddress();
    await invite(email, 'approver');
    const answer = await register(email, await api.tokenFor(email));
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    const me = await (await signInAs(api, email)).get('/api/v1/auth/me');
    expect(me.body['role']).to.equal('approver');
    const audit = await team.admin.client.get<{ items: { action: string }[] }>(
      '/api/v1/audit-logs',
    );
    expect(audit.body.items[0]?.action).to.equal('invitation.accept');
  });

  it('make who has an account a member, once', async () => {
    const person = await registerPerson(api);
    await invite(person.email);
    const token = await api.tokenFor(person.email);
    const accept = (): ReturnType<typeof person.client.post> =>
      person.client.post('/api/v1/invitations/accept', { token });
    const answers = await Promise.all([accept(), accept(), accept()]);
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 403, 403]);
    expectProblem(await accept(), 403, 'INVITATION_INVALID');
    const headers = { 'org-id': team.organizationId };
    const me = await person.client.get('/api/v1/auth/me', { headers });
    expect(me.body['role']).to.equal('developer');
  });

  it('are for the address that they were sent to', async () => {
    const email = newAddress();
    await invite(email);
    const token = await api.tokenFor(email);
    const other = await registerPerson(api);
    const answer = await other.client.post('/api/v1/invitations/accept', { token });
    expectProblem(answer, 403, 'INVITATION_INVALID');
    expectProblem(await register(newAddress(), token), 403, 'INVITATION_INVALID');
    expectProblem(
      await api.client.post('/api/v1/invitations/accept', { token }),
      401,
      'MISSING_CREDENTIALS',
    );
  });

  it('no longer hold when they were taken back, replaced, or are over', async () => {
    const [revoked, replaced, late] = [newAddress(), newAddress(), newAddress()];
    const { id } = await invite(revoked);
    const tokens = { revoked: await api.tokenFor(revoked), replaced: '', late: '' };
    expect((await team.admin.client.delete(`${list()}/${id}`)).status).to.equal(204);
    expectProblem(await team.admin.client.delete(`${list()}/${id}`), 404, 'NOT_FOUND');
    await invite(replaced);
    tokens.replaced = await api.tokenFor(replaced);
    await invite(replaced);
    await invite(late);
    tokens.late = await api.tokenFor(late);
    await api.deps.database.withSystem('age', (trx) =>
      trx('invitations').where({ email: late }).update({ expires_at: new Date() }),
    );
    for (const [email, token] of [
      [revoked, tokens.revoked],
      [replaced, tokens.replaced],
      [late, tokens.late],
    ] as const) {
      expectProblem(await register(email, token), 403, 'INVITATION_INVALID');
    }
  });

  it('open an api whose registration is by invitation, and nothing opens a closed one', async () => {
    for (const [mode, uninvited, invited] of [
      ['invitation', 'INVITATION_REQUIRED', 201],
      ['closed', 'REGISTRATION_CLOSED', 403],
    ] as const) {
      const guarded = await startMailingApi();
      try {
        const { admin, organizationId } = await buildTeam(guarded);
        const email = newAddress();
        const path = `/api/v1/orgs/${organizationId}/invitations`;
        await admin.client.post(path, { email, role: 'developer' });
        const token = await guarded.tokenFor(email);
        Object.assign(guarded.deps, {
          config: { ...guarded.deps.config, REGISTRATION: mode },
        });
        const body = { email, password: PASSWORD };
        const without = await guarded.client.post('/api/v1/auth/register', body);
        expectProblem(without, 403, uninvited);
        const answer = await guarded.client.post('/api/v1/auth/register', {
          ...body,
          invitation: token,
        });
        expect(answer.status, JSON.stringify(answer.body)).to.equal(invited);
      } finally {
        await guarded.close();
      }
    }
  });

  it('are sent again when the mail server was away, with a new link', async () => {
    const email = newAddress();
    api.inbox.refuse(true);
    await invite(email);
    await api.deliver();
    expect(api.inbox.mails.some(({ to }) => to.includes(email))).to.equal(false);
    api.inbox.refuse(false);
    await api.deps.database.withSystem('now', (trx) =>
      trx('mail_queue').update({ available_at: new Date() }),
    );
    const token = await api.tokenFor(email);
    expect((await register(email, token)).status).to.equal(201);
    const left = await api.deps.database.withSystem('look', (trx) => trx('mail_queue').select());
    expect(left).to.deep.equal([]);
  });
});
