import { expect } from 'chai';
import { findFreePort } from '../../dev/processes/free-port.ts';
import { buildTeam, PASSWORD, registerPerson, type Team } from '../support/api/people.ts';
import { unique } from '../support/api/test-api.ts';
import { expectProblem } from '../support/api/test-client.ts';
import { startMailingApi, type MailingApi } from '../support/mail/mailing-api.ts';
import { openPage } from '../support/pages/page-player.ts';

const NEXT = 'another long password';
const PAGES = ['/password-reset', '/invitation'];

describe('the pages that mails lead to', () => {
  let api: MailingApi;
  let team: Team;
  before('start the api with a mail server', async function () {
    this.timeout(60_000);
    const port = String(await findFreePort('127.0.0.1'));
    api = await startMailingApi({ PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` });
    team = await buildTeam(api);
  });
  after(() => api.close());

  /** The link in the newest mail to somebody. */
  const linkFor = async (address: string): Promise<string> => {
    await api.deliver();
    const mail = api.inbox.mails.findLast(({ to }) => to.includes(address));
    return /https?:\S+#token=\S+/.exec(mail?.text ?? '')?.[0] ?? '';
  };
  const forget = async (): Promise<{ email: string; link: string }> => {
    const { email } = await registerPerson(api);
    await api.client.post('/api/v1/auth/password/forgot', { email });
    return { email, link: await linkFor(email) };
  };
  const invite = async (email: string): Promise<string> => {
    const path = `/api/v1/orgs/${team.organizationId}/invitations`;
    await team.admin.client.post(path, { email, role: 'approver' });
    return linkFor(email);
  };
  const login = async (email: string, password: string): Promise<number> =>
    (await api.client.post('/api/v1/auth/login', { email, password })).status;

  for (const path of PAGES) {
    it(`load nothing but our own files, at ${path}, and have no program in them`, async () => {
      const { status, headers, body } = await api.client.get<string>(path);
      expect(status).to.equal(200);
      expect(headers.get('content-type')).to.match(/^text\/html/);
      const policy = headers.get('content-security-policy')?.split('; ');
      expect(policy).to.have.members([
        ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"],
        ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
      ]);
      expect(body).not.to.match(/<script(?![^>]*src=)|<style| style=| on\w+=/);
    });

    it(`tell nobody where the reader comes from, at ${path}, and are not kept`, async () => {
      const { headers } = await api.client.get(path);
      expect(headers.get('referrer-policy')).to.equal('no-referrer');
      expect(headers.get('cache-control')).to.equal('no-store');
      expect(headers.get('x-frame-options')).to.equal('DENY');
    });

    it(`say at ${path} that a link without a token is not complete`, async () => {
      const page = await openPage(`${api.url}${path}`);
      expect(page).to.include({ hasForm: false });
      expect(page.message).to.contain('not complete');
    });
  }

  it('are made of these files and no others', async () => {
    expectProblem(await api.client.get('/pages/page.ts'), 404, 'NOT_FOUND');
    expectProblem(await api.client.get('/pages/constructor'), 404, 'NOT_FOUND');
    const script = await api.client.get<string>('/pages/page.js');
    expect(script.headers.get('content-type')).to.match(/^text\/javascript/);
  });

  it('take the token out of the address', async () => {
    const page = await openPage(`${api.url}/password-reset#token=qmp_secret`);
    expect(page.address).to.equal('/password-reset');
  });

  it('say why a link does nothing any more, and leave the password as it is', async () => {
    const { email } = await registerPerson(api);
    const page = await openPage(`${api.url}/password-reset#token=qmp_no-such-token`);
    await page.submit({ password: NEXT, repeated: NEXT });
    expect(page.hasForm).to.equal(true);
    expect(page.message).to.match(/\w+/).and.not.to.contain('is set');
    expect(await login(email, PASSWORD)).to.equal(200);
  });

  it('send nothing where the two passwords differ', async () => {
    const { email, link } = await forget();
    const page = await openPage(link);
    await page.submit({ password: NEXT, repeated: `${NEXT}!` });
    expect(page.message).to.contain('not the same');
    expect(await login(email, PASSWORD)).to.equal(200);
  });

  it('say what is wrong with a password that is too short', async () => {
    const page = await openPage((await forget()).link);
    await page.submit({ password: 'short', repeated: 'short' });
    expect(page.message).to.contain('8 characters');
  });

  it('set the new password of who follows the link', async () => {
    const { email, link } = await forget();
    const page = await openPage(link);
    expect(page.hasForm).to.equal(true);
    await page.submit({ password: NEXT, repeated: NEXT });
    expect(page).to.deep.include({ hasForm: false });
    expect(page.message).to.contain('Your new password is set');
    expect(await login(email, PASSWORD)).to.equal(401);
    expect(await login(email, NEXT)).to.equal(200);
  });

  it('make an account for who was invited and has none', async () => {
    const email = `${unique('invited')}@example.com`;
    const page = await openPage(await invite(email));
    await page.submit({ email, password: PASSWORD });
    expect(page.message).to.contain('you are a member now');
    expect(await login(email, PASSWORD)).to.equal(200);
  });

  it('let who has an account join, with their password only', async () => {
    const { email, client } = await registerPerson(api);
    const page = await openPage(await invite(email));
    await page.submit({ email, password: 'wrong password', has_account: 'on' });
    expect(page.hasForm).to.equal(true);
    await page.submit({ email, password: PASSWORD, has_account: 'on' });
    expect(page.message).to.equal('You are a member now.');
    const { body } = await client.get<{ items: { id: string }[] }>('/api/v1/orgs');
    expect(body.items.map(({ id }) => id)).to.include(team.organizationId);
  });
});
