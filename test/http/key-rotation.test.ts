import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { AccessTokens } from '../../api/auth/access-tokens.ts';
import { FileKeyStore } from '../../api/auth/file-key-store.ts';
import { KeyRing } from '../../api/auth/key-ring.ts';
import { approvalKey, publicKeys } from '../../api/auth/key-set.ts';
import { rotateKeys } from '../../api/auth/rotate-key-set.ts';
import { createSecretBox } from '../../api/notifications/secret-box.ts';
import { signJws, verifyJws } from '../../lib/jws.ts';
import { checkoutDirectory } from '../../dev/paths.ts';
import { systemClock } from '../../lib/clock.ts';
import { registerPerson, signInAs } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';

const kidOf = (token: string): string => {
  const [header = ''] = token.split('.');
  return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid;
};

describe('rotating the signing keys', () => {
  let directory: string;
  let store: FileKeyStore;
  let ring: KeyRing;
  let api: TestApi;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'quartermaster-rotation-'));
    store = new FileKeyStore(directory);
    ring = await KeyRing.open(store);
    const url = 'http://127.0.0.1:8080';
    api = await startTestApi({ keys: ring, tokens: new AccessTokens(ring, url, systemClock) });
  });
  afterEach(async () => {
    await api.close();
    await rm(directory, { recursive: true });
  });

  const grant = { userId: '', organizationId: null, role: null, tokenVersion: 1 };
  const published = async (): Promise<string[]> => {
    const { body } = await api.client.get<{ keys: { kid: string }[] }>('/.well-known/jwks.json');
    return body.keys.map(({ kid }) => kid);
  };

  it('signs with the new key without a restart; tokens of the old one hold until they are over', async () => {
    const person = await registerPerson(api);
    const before = api.deps.tokens.issue({ ...grant, userId: person.id });
    expect(await rotateKeys(store, new Date(), 0)).to.equal(true);
    expect(await ring.reload()).to.equal(true);
    const after = api.deps.tokens.issue({ ...grant, userId: person.id });
    expect(kidOf(after)).not.to.equal(kidOf(before));
    for (const token of [before, after]) {
      const me = await api.client.withToken(token).get('/api/v1/auth/me');
      expect(me.status).to.equal(200);
    }
    expect((await (await signInAs(api, person.email)).get('/api/v1/auth/me')).status).to.equal(200);
    expect(await published()).to.deep.equal([kidOf(after), kidOf(before)]);
    expect(await ring.reload()).to.equal(false);
  });

  it('publishes a key before it signs, so that every replica knows it by then', async () => {
    const [old] = ring.access;
    await rotateKeys(store, new Date(), 60_000);
    await ring.reload();
    expect(kidOf(api.deps.tokens.issue(grant))).to.equal(old?.kid);
    expect(await published()).to.have.length(2);
    const later = { now: (): Date => new Date(Date.now() + 61_000) };
    const tokens = new AccessTokens(ring, 'http://127.0.0.1:8080', later);
    expect(kidOf(tokens.issue(grant)))
      .to.equal(ring.access[0]?.kid)
      .and.not.to.equal(old?.kid);
  });

  it('keeps what verifies old approvals and opens sealed secrets, and no private key of old tokens', async () => {
    const sealed = createSecretBox(ring).seal('a secret of a webhook');
    const statement = await signJws({ what: 'approved' }, approvalKey(ring), 'test');
    for (let time = 0; time < 3; time += 1) await rotateKeys(store, new Date(), 0);
    await ring.reload();
    expect(ring.approval).to.have.length(4);
    expect(await verifyJws(statement, publicKeys(ring.approval), 'test')).to.deep.equal({
      what: 'approved',
    });
    expect(createSecretBox(ring).open(sealed)).to.equal('a secret of a webhook');
    expect(ring.access.filter((key) => 'd' in key)).to.have.length(2);
    expect(approvalKey(ring).kid).to.equal(ring.approval[0]?.kid);
  });

  it('forgets access keys when their tokens are all over', async () => {
    const hours = (count: number): Date => new Date(Date.now() + count * 3_600_000);
    for (const hour of [0, 1, 2, 5]) await rotateKeys(store, hours(hour), 0);
    await ring.reload();
    expect(ring.access).to.have.length(3);
  });

  it('is refused to the slower of two who do it at once', async () => {
    const before = (await store.read())!;
    expect(await store.replace(before.replace('{', '{ '), before)).to.equal(true);
    expect(await store.replace('{}', before)).to.equal(false);
  });

  it('is a command', async () => {
    const run = promisify(execFile);
    const program = path.join(checkoutDirectory, 'api', 'admin', 'main.ts');
    const { stdout } = await run(process.execPath, [program, 'rotate-keys'], {
      env: { KEYS_DIRECTORY: directory },
    });
    expect(stdout).to.contain('new keys');
    expect(await ring.reload()).to.equal(true);
    expect(ring.access).to.have.length(2);
    const published = JSON.stringify(publicKeys(ring.access));
    expect(published).not.to.contain('signs_from').and.not.to.contain('"d"');
  });
});
