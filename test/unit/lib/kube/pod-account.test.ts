import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { checkoutDirectory } from '../../../../dev/paths.ts';
import { readPodCluster } from '../../../../lib/kube/pod/config.ts';
import { PodAccount } from '../../../../lib/kube/pod/pod-account.ts';
import { rejection } from '../../../support/rejection.ts';

describe('the account of a pod', () => {
  let directory: string;

  beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  function write(token: string, certificate: string): void {
    writeFileSync(path.join(directory, 'token'), `${token}\n`);
    writeFileSync(path.join(directory, 'ca.crt'), certificate);
  }

  async function look(account: PodAccount): Promise<RequestOptions> {
    const options: RequestOptions = {};
    await account.applyToHTTPSOptions(options);
    return options;
  }

  it('is none where the kubelet has set no address', () => {
    expect(readPodCluster({})).to.equal(undefined);
    expect(readPodCluster({ KUBERNETES_SERVICE_HOST: '10.0.0.1' })).to.equal(undefined);
  });

  for (const [host, server] of [
    ['10.0.0.1', 'https://10.0.0.1:443'],
    ['fd00::1', 'https://[fd00::1]:443'],
  ] as const) {
    it(`calls the API server at ${host}`, () => {
      const variables = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: '443' };
      expect(readPodCluster(variables)?.server).to.equal(server);
    });
  }

  it('fails where its token cannot be read', async () => {
    const account = new PodAccount({ server: 'https://10.0.0.1:443', directory });
    expect(await rejection(look(account))).to.have.property('code', 'ENOENT');
  });

  it('uses the token and the certificates that are there now', async () => {
    const account = new PodAccount({ server: 'https://10.0.0.1:443', directory });
    write('one', 'first');
    expect(await look(account)).to.deep.equal({
      ...{ ca: 'first', headers: { Authorization: 'Bearer one' } },
    });
    write('two', 'second');
    expect(await look(account)).to.deep.equal({
      ...{ ca: 'second', headers: { Authorization: 'Bearer two' } },
    });
  });

  it('is used without the large library, which a pod would load before it does anything', async () => {
    const program = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
      const { createKubeClient } = await import('./lib/kube/create-kube-client.ts');
      await createKubeClient().close();
      console.log(loaded.filter((url) => url.includes('@kubernetes')).length, loaded.length > 5);`;
    const variables = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
    const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: checkoutDirectory,
      env: variables,
    });
    expect(stdout).to.equal('0 true');
  });
});
