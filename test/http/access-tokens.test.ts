import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { createApp } from '../../api/app.ts';
import { ACCESS_TOKEN_AUDIENCE } from '../../api/auth/access-tokens.ts';
import { ApiServer } from '../../api/server.ts';
import {
  buildTeam,
  PASSWORD,
  registerPerson,
  signInAs,
  type Person,
} from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem, TestClient } from '../support/api/test-client.ts';
import { openClient } from '../support/database/as-app.ts';
import { createPrivateKey } from 'node:crypto';
import jwt from 'jsonwebtoken';

describe('access tokens', () => {
  let api: TestApi;
  let person: Person;
  let key: KeyObject;
  let kid: string;
  before(async () => {
    api = await startTestApi();
    person = await registerPerson(api);
    const [jwk] = api.deps.keys.access;
    kid = jwk!.kid;
    key = createPrivateKey({ key: jwk!, format: 'jwk' });
  });
  after(() => api.close());

  const now = (): number => Math.floor(Date.now() / 1000);
  const goodClaims = (): Record<string, unknown> => ({
    iss: api.deps.config.PUBLIC_URL,
    aud: ACCESS_TOKEN_AUDIENCE,
    sub: person.id,
    org_id: null,
    role: null,
    ver: 1,
    iat: now(),
    exp: now() + 600,
    jti: 'test',
  });

  /** Signs like the api does, but for what is changed. */
  const sign = (
    changes: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
    by: KeyObject = key,
  ): string => {
    const claims = Object.fromEntries(
      Object.entries({ ...goodClaims(), ...changes }).filter(([, value]) => value !== undefined),
    );
    return jwt.sign(claims, by, { header: { alg: 'RS256', typ: 'at+jwt', kid, ...header } });
  };

  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

  it('of the right form are taken', async () => {
    const answer = await api.client.withToken(sign()).get('/api/v1/auth/me');
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
  });

  const forged: Record<string, () => string> = {
    'without a signature (alg none)': () =>
      `${encode({ alg: 'none', typ: 'at+jwt', kid })}.${encode(goodClaims())}.`,
    'signed with the public key as a shared secret (HS256)': () => {
      const pem = createPublicKey(key).export({ type: 'spki', format: 'pem' });
      const text = `${encode({ alg: 'HS256', typ: 'at+jwt', kid })}.${encode(goodClaims())}`;
      return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
    },
    'of another RSA algorithm': () => sign({}, { alg: 'RS512' }),
    'signed by a key of somebody else': () =>
      sign({}, {}, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
    'with an unknown key id': () => sign({}, { kid: 'other' }),
    'without a key id': () => sign({}, { kid: undefined }),
    'that are ID tokens (of another type)': () => sign({ nonce: 'n' }, { typ: 'JWT' }),
    'of another issuer': () => sign({ iss: 'https://elsewhere.example' }),
    'for another audience': () => sign({ aud: 'somebody-else' }),
    'without an audience': () => sign({ aud: undefined }),
    'that never end': () => sign({ exp: undefined }),
    'that do not begin yet': () => sign({ nbf: now() + 300 }),
    'without a version': () => sign({ ver: undefined }),
    'whose subject is no user id': () => sign({ sub: 'root' }),
    'that are no tokens at all': () => 'abc.def',
  };
  for (const [what, make] of Object.entries(forged)) {
    it(`${what} are refused`, async () => {
      const answer = await api.client.withToken(make()).get('/api/v1/auth/me');
      expectProblem(answer, 401, 'INVALID_TOKEN');
      expect(answer.headers.get('www-authenticate')).to.contain('error="invalid_token"');
    });
  }

  for (const [what, changes] of [
    ['that are over', () => ({ iat: now() - 1000, exp: now() - 100 })],
    ['that claim to hold for longer than ours do', () => ({ iat: now() - 1000, exp: now() + 9e6 })],
  ] as const) {
    it(`${what} are refused as expired`, async () => {
      const answer = await api.client.withToken(sign(changes())).get('/api/v1/auth/me');
      expectProblem(answer, 401, 'TOKEN_EXPIRED');
    });
  }

  it('are not taken from a cookie, the query, or another scheme', async () => {
    const token = sign();
    const cookie = { cookie: `token=${token}; access_token=${token}` };
    const answers = await Promise.all([
      api.client.get('/api/v1/auth/me', { headers: cookie }),
      api.client.get(`/api/v1/auth/me?access_token=${token}`),
    ]);
    for (const answer of answers) expectProblem(answer, 401, 'MISSING_CREDENTIALS');
    const basic = await api.client.get('/api/v1/auth/me', {
      headers: { authorization: `Basic ${token}` },
    });
    expectProblem(basic, 401, 'INVALID_TOKEN');
  });

  it('end at once when the role changes, and when the membership ends', async () => {
    const team = await buildTeam(api);
    const member = `/api/v1/orgs/${team.organizationId}/members/${team.developer.id}`;
    const projects = `/api/v1/orgs/${team.organizationId}/projects`;
    expect((await team.developer.client.get(projects)).status).to.equal(200);
    await team.admin.client.patch(member, { role: 'approver' });
    expectProblem(await team.developer.client.get(projects), 401, 'TOKEN_REVOKED');
    const again = await signInAs(api, team.developer.email, team.organizationId);
    expect((await again.get(projects)).status).to.equal(200);
    await team.admin.client.delete(member);
    expectProblem(await again.get(projects), 401, 'TOKEN_REVOKED');
    expectProblem(
      await (await signInAs(api, team.developer.email)).get(projects),
      404,
      'NOT_FOUND',
    );
  });

  it('end on every replica at once, whichever one ended them', async () => {
    const replica = new ApiServer();
    replica.serve(createApp(api.deps).callback());
    const port = await replica.listen({ host: '127.0.0.1', port: 0 });
    try {
      const team = await buildTeam(api);
      const elsewhere = new TestClient(`http://127.0.0.1:${port}`);
      const { email, id } = team.readOnly;
      const login = { email, password: PASSWORD, organization_id: team.organizationId };
      const { body } = await elsewhere.post<{ access_token: string }>('/api/v1/auth/login', login);
      const client = elsewhere.withToken(body.access_token);
      expect((await client.get('/api/v1/auth/me')).status).to.equal(200);
      const member = `/api/v1/orgs/${team.organizationId}/members/${id}`;
      await team.admin.client.patch(member, { role: 'approver' });
      expectProblem(await client.get('/api/v1/auth/me'), 401, 'TOKEN_REVOKED');
    } finally {
      await replica.close({ graceMs: 0 });
    }
  });

  it('of an account that is gone are refused', async () => {
    const gone = await registerPerson(api);
    const root = await openClient(api.database.superuserUrl);
    await root.query('delete from users where id = $1', [gone.id]);
    await root.end();
    expectProblem(await gone.client.get('/api/v1/auth/me'), 401, 'TOKEN_REVOKED');
  });

  it('of an older version than the account has are refused, and so are newer ones', async () => {
    for (const ver of [0, 2]) {
      const answer = await api.client.withToken(sign({ ver })).get('/api/v1/auth/me');
      expectProblem(answer, 401, 'TOKEN_REVOKED');
    }
  });

  it('cannot be stretched to an hour by calling oneself a guest without our signature', async () => {
    const stretched = sign(
      { guest: true },
      {},
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    );
    expectProblem(
      await api.client.withToken(stretched).get('/api/v1/auth/me'),
      401,
      'INVALID_TOKEN',
    );
  });

  it('can be verified with the published keys, which hold nothing private', async () => {
    const { body } = await api.client.get<{ keys: Record<string, unknown>[] }>(
      '/.well-known/jwks.json',
    );
    expect(body.keys).to.have.length(1);
    expect(body.keys[0]).to.have.all.keys('kty', 'kid', 'alg', 'use', 'n', 'e');
    const published = createPublicKey({ key: body.keys[0]!, format: 'jwk' });
    expect(jwt.verify(sign(), published)).to.include({ sub: person.id });
  });
});
