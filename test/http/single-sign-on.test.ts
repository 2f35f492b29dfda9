import { expect } from 'chai';
import { findFreePort } from '../../dev/processes/free-port.ts';
import { buildTeam, PASSWORD, registerPerson, type Team } from '../support/api/people.ts';
import { startTestApi, unique, type TestApi } from '../support/api/test-api.ts';
import { expectProblem, TestClient } from '../support/api/test-client.ts';
import { Browser, type BrowserPage } from '../support/issuer/browser.ts';
import {
  CLIENT,
  startTestIssuer,
  type IssuerPerson,
  type TestIssuer,
} from '../support/issuer/test-issuer.ts';

interface Me {
  user: { id: string; email: string; name: string | null };
  organization: { id: string } | null;
  role: string | null;
}

describe('signing in at an issuer', () => {
  let api: TestApi;
  let issuer: TestIssuer;
  let team: Team;
  let settings: Record<string, string>;
  let port: number;
  before(async () => {
    port = await findFreePort();
    const url = `http://127.0.0.1:${port}`;
    issuer = await startTestIssuer(`${url}/api/v1/auth/oidc/callback`);
    settings = {
      PUBLIC_URL: url,
      PORT: String(port),
      OIDC_ISSUER: issuer.url,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
    };
    const slug = unique('org');
    const roles = [
      { group: 'operators', organization: slug, role: 'admin' },
      { group: 'builders', organization: slug, role: 'developer' },
      { group: 'builders', organization: 'no-such-organization', role: 'developer' },
    ];
    api = await startTestApi({}, { ...settings, OIDC_ROLES: JSON.stringify(roles) });
    team = await buildTeam(api);
    await api.deps.database.withSystem('the slug of the settings', (trx) =>
      trx('organizations').where({ id: team.organizationId }).update({ slug }),
    );
  });
  after(async () => {
    await api.close();
    await issuer.close();
  });

  const know = (person: Partial<IssuerPerson> = {}): IssuerPerson => {
    const sub = unique('sub');
    const known = { sub, email: `${sub}@example.com`, email_verified: true, ...person };
    issuer.people.set(sub, known);
    return known;
  };

  /** Signs in at the issuer's own pages, and comes back. */
  const visit = async (person: IssuerPerson, browser = new Browser()): Promise<BrowserPage> => {
    const login = await browser.open(`${api.url}/api/v1/auth/oidc/login`);
    expect(login.url, login.text).to.contain(`${issuer.url}/interaction/`);
    const consent = await browser.submit(login, { login: person.sub, password: 'any' });
    return browser.submit(consent, {}, undefined);
  };
  const signIn = async (person: IssuerPerson): Promise<Me> => {
    const page = await visit(person);
    expect(page.status, page.text).to.equal(200);
    const { access_token } = JSON.parse(page.text) as { access_token: string };
    return (await api.client.withToken(access_token).get<Me>('/api/v1/auth/me')).body;
  };
  const code = (page: BrowserPage): string =>
    page.status === 200 ? 'signed in' : (JSON.parse(page.text) as { code: string }).code;

  it('is no way in where no issuer is set', async () => {
    const bare = await startTestApi();
    try {
      for (const path of ['login', 'callback']) {
        expectProblem(await bare.client.get(`/api/v1/auth/oidc/${path}`), 404, 'NOT_FOUND');
      }
    } finally {
      await bare.close();
    }
  });

  it('sends the browser to the issuer with PKCE, state and nonce, in a cookie that no script reads', async () => {
    const response = await fetch(`${api.url}/api/v1/auth/oidc/login`, { redirect: 'manual' });
    expect(response.status).to.equal(302);
    const { searchParams } = new URL(response.headers.get('location')!);
    expect(searchParams.get('code_challenge_method')).to.equal('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(searchParams.get(name), name).to.have.length.greaterThan(20);
    }
    const [cookie] = response.headers.getSetCookie();
    expect(cookie)
      .to.match(/HttpOnly; SameSite=Lax/)
      .and.contain('Path=/api/v1/auth/oidc');
  });

  it('makes an account the first time, and finds it again', async () => {
    const person = know({ name: 'Ada' });
    const first = await signIn(person);
    expect(first.user).to.include({ email: person.email, name: 'Ada' });
    expect(first.organization).to.equal(null);
    // The address may change; who they are does not.
    issuer.people.set(person.sub, { ...person, email: `${unique('new')}@example.com` });
    expect((await signIn(person)).user.id).to.equal(first.user.id);
    const body = { email: person.email, password: PASSWORD };
    expectProblem(await api.client.post('/api/v1/auth/login', body), 401, 'INVALID_CREDENTIALS');
  });

  it('gives the strongest role of the groups, changes it, and takes it away', async () => {
    const person = know({ groups: ['builders'] });
    const first = await signIn(person);
    expect(first).to.include({ role: 'developer' });
    expect(first.organization?.id).to.equal(team.organizationId);
    issuer.people.set(person.sub, { ...person, groups: ['builders', 'operators'] });
    expect(await signIn(person)).to.include({ role: 'admin' });
    issuer.people.set(person.sub, { ...person, groups: [] });
    expect(await signIn(person)).to.include({ role: null, organization: null });
  });

  it('leaves memberships that people gave as they are', async () => {
    const person = know();
    const { user } = await signIn(person);
    const path = `/api/v1/orgs/${team.organizationId}/members`;
    await team.admin.client.post(path, { user_id: user.id, role: 'approver' });
    issuer.people.set(person.sub, { ...person, groups: ['operators'] });
    expect(await signIn(person)).to.include({ role: 'approver' });
  });

  it('ends the tokens of before when the groups change a role', async () => {
    const person = know({ groups: ['builders'] });
    const page = await visit(person);
    const { access_token } = JSON.parse(page.text) as { access_token: string };
    const client = api.client.withToken(access_token);
    expect((await client.get('/api/v1/auth/me')).status).to.equal(200);
    issuer.people.set(person.sub, { ...person, groups: ['operators'] });
    await signIn(person);
    expectProblem(await client.get('/api/v1/auth/me'), 401, 'TOKEN_REVOKED');
  });

  it('does not give the account of an address to who may only have registered it first', async () => {
    const { email } = await registerPerson(api);
    expect(code(await visit(know({ email })))).to.equal('ACCOUNT_NOT_PROVEN');
    await api.deps.database.withSystem('prove it', (trx) =>
      trx('users').where({ email }).update({ email_verified_at: new Date() }),
    );
    expect(code(await visit(know({ email, email_verified: false })))).to.equal(
      'ACCOUNT_NOT_PROVEN',
    );
    expect((await signIn(know({ email }))).user.email).to.equal(email);
  });

  it('needs an address', async () => {
    const { sub } = know();
    issuer.people.set(sub, { sub });
    expect(code(await visit({ sub }))).to.equal('EMAIL_REQUIRED');
  });

  describe('ends in nothing', () => {
    const callback = (): string => `${api.url}/api/v1/auth/oidc/callback`;
    /** As far as the way back, which is not gone. */
    const almost = async (browser: Browser): Promise<string> => {
      const login = await browser.open(`${api.url}/api/v1/auth/oidc/login`);
      const consent = await browser.submit(login, { login: know().sub, password: 'any' });
      return (await browser.submit(consent, {}, callback())).url;
    };

    it('in another browser than the one that began', async () => {
      const back = await almost(new Browser());
      expect(code(await new Browser().open(back))).to.equal('SIGN_IN_NOT_BEGUN');
      const other = new Browser();
      await other.open(`${api.url}/api/v1/auth/oidc/login`);
      expect(code(await other.open(back))).to.equal('INVALID_CREDENTIALS');
    });

    it('with another state, another code, or another issuer', async () => {
      for (const [name, value] of [
        ['state', 'x'.repeat(43)],
        ['code', 'made-up'],
        ['iss', 'https://elsewhere.example'],
      ] as const) {
        const browser = new Browser();
        const back = new URL(await almost(browser));
        back.searchParams.set(name, value);
        expect(code(await browser.open(back.href)), name).to.equal('INVALID_CREDENTIALS');
      }
    });

    it('the second time with the same code', async () => {
      const browser = new Browser();
      const back = await almost(browser);
      const response = await browser.open(back);
      expect(response.status).to.equal(200);
      expect(code(await browser.open(back))).to.equal('SIGN_IN_NOT_BEGUN');
    });

    it('when the person says no at the issuer', async () => {
      const browser = new Browser();
      const login = await browser.open(`${api.url}/api/v1/auth/oidc/login`);
      const abort = /href="([^"]+\/abort)"/.exec(login.text)?.[1] ?? '';
      const page = await browser.open(new URL(abort, login.url).href);
      expect(code(page)).to.equal('INVALID_CREDENTIALS');
    });

    it('while the issuer is away, which is said as such', async () => {
      const away = await startTestApi(
        {},
        { ...settings, OIDC_ISSUER: 'http://127.0.0.1:9', PORT: '0' },
      );
      try {
        const answer = await new TestClient(away.url).get('/api/v1/auth/oidc/login');
        expectProblem(answer, 503, 'UNAVAILABLE');
      } finally {
        await away.close();
      }
    });
  });
});
