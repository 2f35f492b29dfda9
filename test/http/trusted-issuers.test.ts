import { expect } from 'chai';
import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { TrustedIssuers } from '../../api/auth/issuers/trusted-issuers.ts';
import { UnauthenticatedError, UnavailableError } from '../../api/errors.ts';
import { systemClock } from '../../lib/clock.ts';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, unique, type TestApi } from '../support/api/test-api.ts';
import { expectProblem, type Answer } from '../support/api/test-client.ts';
import {
  AUDIENCE,
  CLIENT,
  startTestIssuer,
  type TestIssuer,
} from '../support/issuer/test-issuer.ts';
import { rejection } from '../support/rejection.ts';

describe('access tokens of trusted issuers', () => {
  let api: TestApi;
  let issuer: TestIssuer;
  let lax: TestIssuer;
  let team: Team;
  before(async () => {
    issuer = await startTestIssuer('http://127.0.0.1:1/callback');
    lax = await startTestIssuer('http://127.0.0.1:1/callback');
    const trusted = [
      { issuer: issuer.url, audience: AUDIENCE },
      { issuer: lax.url, audience: AUDIENCE, token_type: 'any' },
    ];
    api = await startTestApi({}, { TRUSTED_ISSUERS: JSON.stringify(trusted) });
    team = await buildTeam(api);
  });
  after(async () => {
    await api.close();
    await issuer.close();
    await lax.close();
  });

  const now = (): number => Math.floor(Date.now() / 1000);
  const person = (): Record<string, unknown> => {
    const sub = unique('sub');
    return { sub, email: `${sub}@example.com`, email_verified: true };
  };
  const me = (token: string): Promise<Answer<{ user: { id: string; email: string } }>> =>
    api.client.withToken(token).get('/api/v1/auth/me');
  const publicKey = async (): Promise<JsonWebKey> => {
    const keys = await fetch(`${issuer.url}/jwks`);
    return ((await keys.json()) as { keys: JsonWebKey[] }).keys[0]!;
  };

  const refused: Record<string, () => Promise<string>> = {
    'without a signature (alg none)': async () => {
      const [, payload] = (await issuer.accessToken(person())).split('.');
      const header = { alg: 'none', typ: 'at+jwt', kid: 'issuer-key-1' };
      return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}.`;
    },
    'signed with the public key as a shared secret (HS256)': async () => {
      const pem = createPublicKey({ key: await publicKey(), format: 'jwk' }).export({
        type: 'spki',
        format: 'pem',
      });
      const header = { alg: 'HS256', typ: 'at+jwt', kid: 'issuer-key-1' };
      const [, payload] = (await issuer.accessToken(person())).split('.');
      const text = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`;
      return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
    },
    'signed by a key of somebody else': () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const claims = { ...person(), iss: issuer.url, aud: AUDIENCE, iat: now(), exp: now() + 60 };
      const header = { alg: 'RS256' as const, typ: 'at+jwt', kid: 'issuer-key-1' };
      return Promise.resolve(jwt.sign(claims, privateKey, { algorithm: 'RS256', header }));
    },
    'for another audience': () => issuer.accessToken({ ...person(), aud: 'somebody-else' }),
    'for the client instead of the api': () => issuer.accessToken({ ...person(), aud: CLIENT.id }),
    'of an issuer that is not trusted': () =>
      issuer.accessToken({ ...person(), iss: 'https://elsewhere.example' }),
    'of one trusted issuer in the name of another': () =>
      issuer.accessToken({ ...person(), iss: lax.url }),
    'that never end': () => issuer.accessToken({ ...person(), exp: undefined }),
    'that do not begin yet': () => issuer.accessToken({ ...person(), nbf: now() + 300 }),
    'without a subject': () => issuer.accessToken({ email: 'nobody@example.com' }),
    'that are ID tokens by their type': () => issuer.accessToken(person(), { typ: 'JWT' }),
    'that are ID tokens by their claims': () =>
      lax.accessToken({ ...person(), nonce: 'n', at_hash: 'h' }, { typ: 'JWT' }),
    'that call themselves ID tokens': () =>
      lax.accessToken({ ...person(), typ: 'ID' }, { typ: 'JWT' }),
  };
  for (const [what, make] of Object.entries(refused)) {
    it(`${what} are refused`, async () => {
      expectProblem(await me(await make()), 401, 'INVALID_TOKEN');
    });
  }

  it('that are over are refused as expired', async () => {
    const token = await issuer.accessToken({ ...person(), iat: now() - 900, exp: now() - 300 });
    expectProblem(await me(token), 401, 'TOKEN_EXPIRED');
  });

  it('make an account the first time, and are of it from then on', async () => {
    const claims = person();
    const first = await me(await issuer.accessToken(claims));
    expect(first.status, JSON.stringify(first.body)).to.equal(200);
    expect(first.body.user.email).to.equal(claims['email']);
    const again = await me(await issuer.accessToken({ sub: claims['sub'] }));
    expect(again.body.user.id).to.equal(first.body.user.id);
    const other = await me(await lax.accessToken(claims, { typ: 'JWT' }));
    expect(other.body.user.id).to.equal(first.body.user.id);
  });

  it('need an address the first time', async () => {
    const token = await issuer.accessToken({ sub: unique('sub') });
    expectProblem(await me(token), 403, 'EMAIL_REQUIRED');
  });

  it('act in the organisation that the call names, by the role there, as long as it lasts', async () => {
    const token = await issuer.accessToken(person());
    const { user } = (await me(token)).body;
    const client = api.client.withToken(token).with({ 'org-id': team.organizationId });
    expectProblem(await client.get('/api/v1/resource-requests'), 403, 'NOT_A_MEMBER');
    const members = `/api/v1/orgs/${team.organizationId}/members`;
    await team.admin.client.post(members, { user_id: user.id, role: 'read_only' });
    expect((await client.get('/api/v1/resource-requests')).status).to.equal(200);
    expectProblem(await client.get('/api/v1/audit-logs'), 403, 'FORBIDDEN');
    await team.admin.client.delete(`${members}/${user.id}`);
    expectProblem(await client.get('/api/v1/resource-requests'), 403, 'NOT_A_MEMBER');
  });

  describe('and their keys', () => {
    const open = (target: TestIssuer, aheadMs = { value: 0 }): TrustedIssuers => {
      const clock = { now: (): Date => new Date(Date.now() + aheadMs.value) };
      const settings = { issuer: target.url, audience: AUDIENCE, token_type: 'at+jwt' as const };
      return new TrustedIssuers([settings], 'groups', clock);
    };

    it('are fetched once for many tokens, also for those that come at once', async () => {
      const issuers = open(issuer);
      const before = issuer.keyFetches();
      const tokens = await Promise.all([1, 2, 3, 4, 5].map(() => issuer.accessToken(person())));
      await Promise.all(tokens.map((token) => issuers.verify(token)));
      for (const token of tokens) await issuers.verify(token);
      expect(issuer.keyFetches() - before).to.equal(1);
    });

    it('are not fetched again for a flood of key ids that do not exist', async () => {
      const issuers = open(issuer);
      await issuers.verify(await issuer.accessToken(person()));
      const before = issuer.keyFetches();
      for (let count = 0; count < 50; count += 1) {
        const token = await issuer.accessToken(person(), { kid: `made-up-${count}` });
        expect(await rejection(issuers.verify(token))).to.be.instanceOf(UnauthenticatedError);
      }
      expect(issuer.keyFetches() - before).to.equal(0);
      expect((await issuers.verify(await issuer.accessToken(person()))).issuer).to.equal(
        issuer.url,
      );
    });

    it('are asked for at most once in a while from an issuer that is away, and then again', async () => {
      const away = await startTestIssuer('http://127.0.0.1:1/callback');
      const token = await away.accessToken(person());
      await away.close();
      const ahead = { value: 0 };
      const issuers = open(away, ahead);
      expect(await rejection(issuers.verify(token))).to.be.instanceOf(UnavailableError);
      const started = await rejection(issuers.verify(token));
      expect(started).to.be.instanceOf(UnavailableError);
      expect(started.message).to.contain('lately');
      ahead.value = 31_000;
      const later = await rejection(issuers.verify(token));
      expect(later.message).not.to.contain('lately');
    });

    it('change without a restart', async () => {
      const rotating = await startTestIssuer('http://127.0.0.1:1/callback');
      try {
        const settings = { issuer: rotating.url, audience: AUDIENCE, token_type: 'any' as const };
        const times = { cacheMs: 600_000, cooldownMs: 0 };
        const issuers = new TrustedIssuers([settings], 'groups', systemClock, times);
        const old = await rotating.accessToken(person());
        await issuers.verify(old);
        await rotating.rotate();
        await issuers.verify(await rotating.accessToken(person()));
        expect(rotating.keyFetches()).to.equal(2);
        expect(await rejection(issuers.verify(old))).to.be.instanceOf(UnauthenticatedError);
      } finally {
        await rotating.close();
      }
    });
  });

  it('are told from ours by their issuer alone, without a look at the network', () => {
    const issuers = new TrustedIssuers([], 'groups', systemClock);
    expect(issuers.claims('no.token.at-all')).to.equal(false);
  });
});
