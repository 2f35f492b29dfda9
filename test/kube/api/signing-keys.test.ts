import { expect } from 'chai';
import type { JSONWebKeySet } from 'jose';
import { publishApprovalKeys } from '../../../api/approvals/publish-approval-keys.ts';
import { approvalKey, generateKeySet, publicKeys } from '../../../api/auth/key-set.ts';
import { KeyRing } from '../../../api/auth/key-ring.ts';
import { loadKeySet } from '../../../api/auth/key-store.ts';
import { rotateKeys } from '../../../api/auth/rotate-key-set.ts';
import { KEYS_SECRET, SecretKeyStore } from '../../../api/auth/secret-key-store.ts';
import { APPROVAL_KEYS } from '../../../crds/constants.ts';
import { signJws, verifyJws } from '../../../lib/jws.ts';
import type { ConfigMap } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';

describe('the signing keys in a Secret', () => {
  const cluster = useTestCluster();
  let namespace: string;

  beforeEach(async () => {
    namespace = await cluster.createNamespace();
  });

  function open(): SecretKeyStore {
    return new SecretKeyStore(cluster.client, namespace);
  }

  async function makeEmpty(): Promise<void> {
    const metadata = { namespace, name: KEYS_SECRET, labels: { 'example.com/by': 'helm' } };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata };
    await cluster.client.create(RESOURCE_TYPES.secrets, secret);
  }

  /** Ids of the keys that three replicas get which start at once. */
  async function startThree(): Promise<Set<string | undefined>> {
    const sets = await Promise.all([1, 2, 3].map(() => loadKeySet(open())));
    return new Set(sets.map((set) => set.approval[0]?.kid));
  }

  it('are one set for all who start at once, in the Secret that the installation made empty', async () => {
    await makeEmpty();
    expect((await startThree()).size).to.equal(1);
    const key = { namespace, name: KEYS_SECRET };
    const secret = await cluster.client.get(RESOURCE_TYPES.secrets, key);
    expect(secret?.metadata.labels).to.deep.equal({ 'example.com/by': 'helm' });
  });

  it('are one set for all who start at once where there is no Secret yet', async () => {
    expect((await startThree()).size).to.equal(1);
  });

  it('are never made anew while there are some', async () => {
    await makeEmpty();
    const made = await loadKeySet(open());
    expect(await open().create(JSON.stringify(generateKeySet()))).to.equal(false);
    expect(await loadKeySet(open())).to.deep.equal(made);
  });

  it('are rotated in the Secret, by one of two who do it at once, and seen by all replicas', async () => {
    await makeEmpty();
    const replica = await KeyRing.open(open());
    const [before] = replica.access;
    const outcomes = await Promise.all([1, 2].map(() => rotateKeys(open(), new Date(), 0)));
    expect(outcomes).to.include(true);
    expect(await replica.reload()).to.equal(true);
    expect(replica.access).to.have.length(1 + outcomes.filter((isDone) => isDone).length);
    expect(replica.access.at(-1)?.kid).to.equal(before?.kid);
    const key = { namespace, name: KEYS_SECRET };
    const secret = await cluster.client.get(RESOURCE_TYPES.secrets, key);
    expect(secret?.metadata.labels).to.deep.equal({ 'example.com/by': 'helm' });
  });

  describe('of approvals, as the operator finds them', () => {
    const read = async (): Promise<JSONWebKeySet> => {
      const key = { namespace, name: APPROVAL_KEYS.configMap };
      const found = await cluster.client.get<ConfigMap>(RESOURCE_TYPES.configMaps, key);
      return JSON.parse(found?.data?.[APPROVAL_KEYS.dataKey] ?? '{}') as JSONWebKeySet;
    };
    const publish = (ring: KeyRing): Promise<void> =>
      publishApprovalKeys(cluster.client, namespace, publicKeys(ring.approval));
    const sign = (ring: KeyRing): Promise<string> =>
      signJws({ what: 'approved' }, approvalKey(ring), 'test');

    it('have no private part, and no key that somebody else has put among them', async () => {
      await makeEmpty();
      const ring = await KeyRing.open(open());
      const foreign = publicKeys(generateKeySet().approval);
      await publishApprovalKeys(cluster.client, namespace, foreign);
      await publish(ring);
      const { keys } = await read();
      expect(keys.map(({ kid }) => kid)).to.deep.equal(ring.approval.map(({ kid }) => kid));
      for (const key of keys) expect(key).not.to.have.property('d');
    });

    it('are old and new after a rotation, so that approvals of both hold', async () => {
      await makeEmpty();
      const ring = await KeyRing.open(open());
      const before = await sign(ring);
      await rotateKeys(open(), new Date(), 0);
      expect(await ring.reload()).to.equal(true);
      await publish(ring);
      const published = await read();
      expect(published.keys).to.have.length(2);
      for (const statement of [before, await sign(ring)]) {
        const claims = await verifyJws(statement, published, 'test');
        expect(claims).to.deep.equal({ what: 'approved' });
      }
    });
  });
});
