import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { ConfigurationError } from '../../../../lib/errors.ts';
import { loadKubeConfig } from '../../../../lib/kube/kube-config.ts';

describe('loadKubeConfig', () => {
  let directory: string;
  let file: string;

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-'));
    file = path.join(directory, 'kubeconfig');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function write(server: string): void {
    const content = {
      'current-context': 'one',
      clusters: [{ name: 'one', cluster: { server } }],
      users: [{ name: 'one', user: { token: 'planted-secret' } }],
      contexts: [
        { name: 'one', context: { cluster: 'one', user: 'one' } },
        { name: 'two', context: { cluster: 'missing', user: 'one' } },
      ],
    };
    writeFileSync(file, stringify(content));
  }

  it('refuses what cannot be read or parsed, without repeating it', () => {
    expect(() => loadKubeConfig({ kubeconfig: path.join(directory, 'none') })).to.throw(
      ConfigurationError,
      'cannot be read or parsed',
    );
    writeFileSync(file, 'users: [{token: planted-secret');
    expect(() => loadKubeConfig({ kubeconfig: file }))
      .to.throw(ConfigurationError)
      .with.property('message')
      .that.does.not.contain('planted-secret');
  });

  it('refuses a context that is not there, or that names a cluster that is not there', () => {
    write('https://127.0.0.1:6443');
    for (const context of ['three', 'two']) {
      expect(() => loadKubeConfig({ kubeconfig: file, context })).to.throw(
        ConfigurationError,
        `no usable context ${context}`,
      );
    }
  });

  it('refuses to speak to a cluster in plain text unless told to', () => {
    write('http://127.0.0.1:8001');
    expect(() => loadKubeConfig({ kubeconfig: file })).to.throw(ConfigurationError, 'no TLS');
  });

  it('takes the current context', () => {
    write('https://127.0.0.1:6443');
    expect(loadKubeConfig({ kubeconfig: file }).getCurrentContext()).to.equal('one');
  });
});
