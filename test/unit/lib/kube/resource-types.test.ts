import { expect } from 'chai';
import { keyOf, formatKey, parseKey } from '../../../../lib/kube/objects.ts';
import { apiVersionOf, RESOURCE_TYPES, resourcePath } from '../../../../lib/kube/resource-types.ts';

describe('resourcePath', () => {
  const { secrets, jobs, namespaces } = RESOURCE_TYPES;
  const cases: [path: string, actual: string][] = [
    ['/api/v1/secrets', resourcePath(secrets)],
    ['/api/v1/namespaces/shop/secrets', resourcePath(secrets, { namespace: 'shop' })],
    [
      '/api/v1/namespaces/shop/secrets/db',
      resourcePath(secrets, { namespace: 'shop', name: 'db' }),
    ],
    [
      '/apis/batch/v1/namespaces/a/jobs/b/status',
      resourcePath(jobs, { namespace: 'a', name: 'b' }, 'status'),
    ],
    ['/api/v1/namespaces/shop', resourcePath(namespaces, { namespace: 'ignored', name: 'shop' })],
    ['/api/v1/secrets/..%2Fpods%3Fa', resourcePath(secrets, { name: '../pods?a' })],
  ];
  for (const [path, actual] of cases) it(`builds ${path}`, () => expect(actual).to.equal(path));
});

describe('apiVersionOf', () => {
  it('leaves out the empty group', () => {
    expect(apiVersionOf(RESOURCE_TYPES.secrets)).to.equal('v1');
    expect(apiVersionOf(RESOURCE_TYPES.jobs)).to.equal('batch/v1');
  });
});

describe('keys', () => {
  it('can be written and read again', () => {
    for (const key of [{ name: 'a' }, { namespace: 'b', name: 'a' }]) {
      expect(parseKey(formatKey(key))).to.deep.equal(key);
      expect(keyOf({ apiVersion: 'v1', kind: 'Pod', metadata: key })).to.equal(formatKey(key));
    }
  });
});
