import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { API_VERSION } from '../../../../crds/constants.ts';
import type { ResourceRequest } from '../../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../../../crds/resource-types.ts';
import { systemClock } from '../../../../lib/clock.ts';
import { openStores, type Stores } from '../../../../operator/state/stores.ts';
import { runStateAdmin, type Ending } from '../../../../operator/state-admin/run-state-admin.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { rejection } from '../../../support/rejection.ts';

const main = path.resolve(import.meta.dirname, '../../../../operator/state-admin/main.ts');
const execute = promisify(execFile);

describe('The program for the state', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  const holder = { run: 'run-1', instance: 'a' };
  const target = (name: string) => ['--namespace', namespace, '--name', name];
  let namespace: string;
  let stores: Stores;

  before(async () => {
    namespace = await cluster.createNamespace();
    stores = await openStores({ client: cluster.client, namespace, clock: systemClock });
  });

  function environment(): Record<string, string> {
    return { KUBECONFIG: cluster.kubeconfig, RUNS_NAMESPACE: namespace };
  }

  function call(...texts: string[]): Promise<Ending> {
    return runStateAdmin(texts, environment());
  }

  async function createEmpty(name: string): Promise<string> {
    const request = await cluster.client.create<ResourceRequest>(RESOURCE_REQUESTS, {
      apiVersion: API_VERSION,
      kind: 'ResourceRequest',
      metadata: { namespace, name },
      spec: { className: 'database' },
    });
    return request.metadata.uid ?? '';
  }

  /** A request that is gone; what was kept for it is still there. */
  async function forget(name: string): Promise<string> {
    const uid = await createRequest(name);
    await cluster.client.delete(RESOURCE_REQUESTS, { namespace, name });
    return uid;
  }

  /** A request with two versions of its state; the second has lost its database. */
  async function createRequest(name: string): Promise<string> {
    const uid = await createEmpty(name);
    const instance = { attributes: { password: 'correct horse' } };
    const resource = { mode: 'managed', type: 'database', name: 'main', instances: [instance] };
    const facts = { version: 4, lineage: 'one', terraform_version: '1.12.6' };
    await stores.lock.acquire(uid, holder);
    for (const [serial, resources] of [
      [7, [resource]],
      [8, []],
    ] as const) {
      const state = JSON.stringify({ ...facts, serial, resources });
      await stores.state.write(uid, Buffer.from(state), holder);
    }
    await stores.lock.release(uid, () => true);
    return uid;
  }

  it('refuses what it does not understand, and says how it is used', async () => {
    const options = { env: { ...process.env, ...environment() } };
    const failed = execute(process.execPath, [main, 'burn'], options);
    expect(await rejection(failed)).to.deep.include({ code: 64, stdout: '' });
    for (const texts of [[], ['burn'], ['list'], ['restore', ...target('a')], ['list', '--what']]) {
      const { code, stderr } = await call(...texts);
      expect([texts, code]).to.deep.equal([texts, 64]);
      expect(stderr).to.contain('Usage:');
    }
  });

  it('says how it is used when it is asked', async () => {
    for (const text of ['help', '--help', '-h']) {
      const { code, stdout } = await call(text);
      expect([text, code]).to.deep.equal([text, 0]);
      expect(stdout).to.contain('Usage:').and.to.contain('adopt');
    }
  });

  it('gives no request the state of one that is there, or that nobody knows, or over its own', async () => {
    const owner = await createRequest('owner');
    await createRequest('other');
    await createEmpty('empty');
    const cases = [
      ['other', owner, 'still there'],
      ['empty', 'nobody', 'no state of nobody'],
      ['other', await forget('gone-too'), 'state of its own'],
    ] as const;
    for (const [name, from, why] of cases) {
      const { code, stderr } = await call('adopt', ...target(name), '--from', from);
      expect([code, stderr]).to.satisfy(() => code === 1 && stderr.includes(why), stderr);
    }
  });

  it('gives a request the state, the secret values and the name of one that is gone', async () => {
    const from = await forget('moved');
    const wanted = { password: { length: 32, characters: 'alphanumeric' } } as const;
    const { values } = await stores.generated.obtain(from, wanted);
    const uid = await createEmpty('moved');
    const { stdout, stderr } = await call('adopt', ...target('moved'), '--from', from);
    expect(stdout, stderr).to.equal(`the request has the state of ${from}\n`);
    expect(await stores.state.read(uid)).to.deep.equal(await stores.state.read(from));
    expect((await stores.generated.obtain(uid, wanted)).values).to.deep.equal(values);
    expect(await stores.identity.find(uid)).to.equal(from);
    expect(await stores.lock.findHolder(uid)).to.equal(undefined);
  });

  it('restores nothing of a request or a version that is not there', async () => {
    expect((await call('list', ...target('nobody'))).stderr).to.contain('no ResourceRequest');
    await createRequest('short');
    const { code, stderr } = await call('restore', ...target('short'), '--version', '9');
    expect([code, stderr]).to.deep.equal([1, 'There is no version 9.\n']);
  });

  it('restores nothing while a run is at work', async () => {
    const uid = await createRequest('busy');
    await stores.lock.acquire(uid, { run: 'run-2', instance: 'a' });
    const { code, stderr } = await call('restore', ...target('busy'), '--version', '1');
    expect(code).to.equal(1);
    expect(stderr).to.contain('locked by run run-2');
    expect((await stores.state.readIndex(uid)).current).to.equal(2);
  });

  it('prints what it was asked for', async () => {
    const options = { env: { ...process.env, ...environment() } };
    const { stdout } = await execute(process.execPath, [main, 'keys'], options);
    expect(stdout).to.contain(stores.keys.currentKid);
  });

  it('shows versions and what is in them, and no value unless the whole state is asked for', async () => {
    await createRequest('shown');
    const list = await call('list', ...target('shown'));
    expect(list.stdout).to.match(/VERSION +WRITTEN[^\n]*\n2 \* [^\n]*run-1\n1 [^\n]*run-1\n/);
    const show = await call('show', ...target('shown'), '--version', '1');
    expect(show.stdout).to.contain('  database.main (1)\n').and.not.to.contain('horse');
    const raw = await call('show', ...target('shown'), '--version', '1', '--raw');
    expect(raw.stdout).to.contain('horse');
  });

  it('makes an earlier version the state again, as a new one that counts as newer', async () => {
    const uid = await createRequest('restored');
    const { stdout, stderr } = await call('restore', ...target('restored'), '--version', '1');
    expect(stdout, stderr).to.equal('version 1 is the state again, as version 3\n');
    const text = (await stores.state.read(uid))?.toString() ?? '';
    expect(JSON.parse(text)).to.deep.include({ serial: 9, lineage: 'one' });
    expect(text).to.contain('database');
    expect(await stores.lock.findHolder(uid)).to.equal(undefined);
    await stores.lock.acquire(uid, { run: 'run-2', instance: 'a' });
  });

  it('changes the key, seals anew, and removes no key that something needs', async () => {
    await createRequest('sealed');
    const before = stores.keys.currentKid;
    expect((await call('rotate-keys', '--wait', '0')).stdout).to.contain('seals from now on');
    const refused = await call('remove-key', '--key', before);
    expect([refused.code, refused.stderr]).to.deep.equal([
      1,
      `The key ${before} is needed for ${/for (\d+) /.exec(refused.stderr)?.[1]} objects.\n`,
    ]);
    expect((await call('reseal')).stdout).to.match(/^[1-9]\d* sealed anew\n$/);
    const { stdout } = await call('keys');
    expect(stdout).to.match(new RegExp(`${before} +retired [^ ]+ +0\n`));
    expect((await call('remove-key', '--key', before)).stderr).to.contain('try again later');
  });
});
