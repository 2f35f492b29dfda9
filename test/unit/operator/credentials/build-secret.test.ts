import { expect } from 'chai';
import {
  buildCredentialsSecret,
  pickPublicOutputs,
} from '../../../../operator/credentials/build-secret.ts';
import {
  isOwnSecret,
  isSameSecret,
  mergeSecret,
} from '../../../../operator/credentials/compare-secret.ts';

const owner = {
  secretName: 'db-credentials',
  request: { namespace: 'team', name: 'db', uid: 'uid-1' },
  className: 'postgres',
};
const spec = {
  outputs: { credentials: ['password', { from: 'address', as: 'host' }, 'port', 'absent'] },
  binding: { type: 'postgresql', provider: 'acme' },
};
const outputs = { password: 'p', address: 'h', port: 5432, absent: null, other: 'never' };
const desired = buildCredentialsSecret(owner, spec, outputs);

describe('the Secret with credentials', () => {
  it('has the keys of the class, type and provider, and nothing else', () => {
    const values = Object.entries(desired.data ?? {}).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString(),
    ]);
    expect(Object.fromEntries(values)).to.deep.equal({
      password: 'p',
      host: 'h',
      port: '5432',
      type: 'postgresql',
      provider: 'acme',
    });
    expect(desired.type).to.equal('servicebinding.io/postgresql');
  });

  it('does not show what the module calls sensitive, even if the class says public', () => {
    const both = { outputs: { public: ['address', 'password'] } };
    expect(pickPublicOutputs(both, outputs, ['password'])).to.deep.equal({ address: 'h' });
  });

  const foreign: Record<string, object> = {
    'without an owner': {},
    'of another request': { ownerReferences: [{ uid: 'uid-2' }] },
    'that only carries our labels': { labels: desired.metadata.labels },
  };
  for (const [title, metadata] of Object.entries(foreign)) {
    it(`${title} is foreign`, () => {
      const secret = { ...desired, metadata: { name: 'db-credentials', ...metadata } };
      expect(isOwnSecret(secret, 'uid-1')).to.equal(false);
    });
  }

  const different: Record<string, object> = {
    'a changed value': { data: { ...desired.data, password: 'eA==' } },
    'a missing key': { data: {} },
    'an additional key': { data: { ...desired.data, extra: 'eA==' } },
    'another type': { type: 'Opaque' },
    'a missing label': { metadata: { ...desired.metadata, labels: {} } },
  };
  for (const [title, changes] of Object.entries(different)) {
    it(`is repaired after ${title}`, () =>
      expect(isSameSecret(desired, { ...desired, ...changes })).to.equal(false));
  }

  it('leaves labels and annotations of others alone', () => {
    const metadata = {
      ...desired.metadata,
      labels: { ...desired.metadata.labels, team: 'blue' },
      annotations: { note: 'x' },
    };
    const actual = { ...desired, metadata };
    expect(isSameSecret(desired, actual)).to.equal(true);
    expect(mergeSecret(desired, actual).metadata).to.deep.include({ annotations: { note: 'x' } });
    expect(mergeSecret(desired, actual).metadata.labels).to.include({ team: 'blue' });
  });
});
