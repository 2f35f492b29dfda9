import { expect } from 'chai';
import { LABELS, MANAGED_BY } from '../../../../crds/constants.ts';
import { systemClock } from '../../../../lib/clock.ts';
import type { KubeClient } from '../../../../lib/kube/client.ts';
import { createKubeClient } from '../../../../lib/kube/create-kube-client.ts';
import type { Secret } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { SecretWatch } from '../../../../operator/request/secret-watch.ts';
import { eventually } from '../../../support/eventually.ts';
import { FaultProxy } from '../../../support/kube/fault-proxy.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { QuietLogger } from '../../../support/quiet-logger.ts';

const { secrets } = RESOURCE_TYPES;
const COUNT = 30;

describe('the watch of Secrets in namespaces of projects', () => {
  const cluster = useTestCluster();
  let namespace: string;
  let proxy: FaultProxy;
  let client: KubeClient;
  let watch: SecretWatch;
  let changed: string[];

  beforeEach(async () => {
    namespace = await cluster.createNamespace();
    for (let index = 0; index < COUNT; index += 1) await create(`ours-${index}`);
    proxy = await FaultProxy.start(cluster.controlPlane);
    client = createKubeClient({ kubeconfig: proxy.writeKubeconfig() });
    changed = [];
    const onChange = (key: string): void => void changed.push(key);
    watch = new SecretWatch({ client, clock: systemClock, log: new QuietLogger(), onChange });
  });
  afterEach(async () => {
    await watch.stop();
    await client.close();
    await proxy.stop();
  });

  function create(name: string, labels?: Record<string, string>): Promise<Secret> {
    const ours = { [LABELS.managedBy]: MANAGED_BY, [LABELS.component]: 'credentials' };
    const metadata = { namespace, name, labels: labels ?? ours };
    return cluster.client.create<Secret>(secrets, { apiVersion: 'v1', kind: 'Secret', metadata });
  }

  /** Calls for one Secret; lists and watches are for all of them. */
  function countGets(): number {
    return proxy.lists.filter(({ url }) => !url.searchParams.has('limit')).length;
  }

  async function readAll(): Promise<(string | undefined)[]> {
    const names = Array.from({ length: COUNT }, (_, index) => `ours-${index}`);
    const found = await Promise.all(names.map((name) => watch.get({ namespace, name })));
    return found.map((secret) => secret?.metadata.name);
  }

  it('looks a foreign Secret up each time, because no list brings it', async () => {
    await create('foreign', {});
    for (let turn = 0; turn < 2; turn += 1) {
      const found = await watch.get({ namespace, name: 'foreign' });
      expect(found?.metadata.name).to.equal('foreign');
    }
    expect(countGets()).to.equal(2);
  });

  it('looks a Secret up when the first list does not come', async () => {
    proxy.decide = ({ url }) => (url.searchParams.has('limit') ? { kind: 'hang' } : undefined);
    await watch.get({ namespace, name: 'ours-0' });
    expect((await watch.get({ namespace, name: 'ours-1' }))?.metadata.name).to.equal('ours-1');
  });

  it('asks for one Secret, and waits for the list with all others', async () => {
    await watch.get({ namespace, name: 'ours-0' });
    expect((await readAll()).filter((name) => name !== undefined)).to.have.length(COUNT);
    expect(countGets()).to.equal(1);
  });

  it('tells when one of ours is changed', async () => {
    await watch.get({ namespace, name: 'ours-0' });
    await readAll();
    changed.length = 0;
    await cluster.client.delete(secrets, { namespace, name: 'ours-3' });
    await eventually(() => expect(changed).to.deep.equal([`${namespace}/ours-3`]));
  });
});
