import { expect } from 'chai';
import { execa } from 'execa';
import { stringify } from 'yaml';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { AlreadyExistsError, ForbiddenError } from '../../lib/kube/errors.ts';
import { buildJob } from '../../operator/run/build-job.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { useHelm, valuesFiles } from '../support/chart/helm.ts';
import { podsOf } from '../support/chart/pods.ts';
import { findPrograms } from '../support/find-programs.ts';
import { useTestCluster } from '../support/kube/test-cluster.ts';
import { rejection } from '../support/rejection.ts';

const run: ResourceRun = {
  apiVersion: 'quartermaster.dev/v1alpha1',
  kind: 'ResourceRun',
  metadata: { name: 'orders-1', namespace: 'quartermaster-runs', uid: '7d1c' },
  spec: {
    requestRef: { namespace: 'acme-shop', name: 'orders', uid: 'b2c5' },
    action: 'Apply',
    attempt: 1,
    classRevision: 'postgres-0123456789',
    parameters: {},
    inputsDigest: 'sha256:00',
  },
};

/** The runs namespace of a values file; another one stands in for it here. */
const runsNamespaces = /\b(quartermaster|platform)-runs\b/g;

/** Kinds of the Prometheus operator are not served by this API server. */
function isServedHere({ apiVersion }: KubeObject): boolean {
  return !apiVersion.startsWith('monitoring.coreos.com/');
}

describe('the chart before a real API server', () => {
  const helm = useHelm();
  const cluster = useTestCluster();
  let kubectl: string;
  let restricted: string;

  before('find kubectl and make a namespace that takes harmless pods only', async function () {
    this.timeout(15 * 60_000);
    ({ kubectl } = await findPrograms(['kubernetes']));
    restricted = await cluster.createNamespace();
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await cluster.client.mergePatch(
      RESOURCE_TYPES.namespaces,
      { name: restricted },
      { metadata: { labels } },
    );
  });

  /** Nothing is stored, but everything is checked: fields, schemas, admission. */
  async function dryRun(text: string): Promise<string[]> {
    const flags = ['--server-side', '--force-conflicts', '--dry-run=server', '--validate=strict'];
    const target = ['--kubeconfig', cluster.kubeconfig, '--filename', '-', '--output', 'name'];
    const { stdout } = await execa(kubectl, ['apply', ...flags, ...target], { input: text });
    return stdout.split('\n');
  }

  async function createPod(name: string, spec: object, account = 'default'): Promise<void> {
    await createAccount(account, restricted);
    const metadata = { name, namespace: restricted };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec };
    await cluster.client.create(RESOURCE_TYPES.pods, pod);
    await cluster.client.delete(RESOURCE_TYPES.pods, metadata);
  }

  /** No controller makes accounts here. */
  async function createAccount(name: string, namespace: string): Promise<void> {
    try {
      const metadata = { name, namespace };
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
      await cluster.client.create(RESOURCE_TYPES.serviceAccounts, account);
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
    }
  }

  it('is told of a field that no kind has', async () => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a' }, spec: {} };
    expect((await rejection(dryRun(stringify(account)))).message).to.include('spec');
  });

  it('may not make a pod that could do harm', async () => {
    const spec = { containers: [{ name: 'a', image: 'a' }] };
    expect(await rejection(createPod('harmful', spec))).to.be.instanceOf(ForbiddenError);
  });

  for (const values of valuesFiles) {
    it(`has only objects that are accepted, with ${values}`, async function () {
      this.timeout(60_000);
      const [system, runs] = [await cluster.createNamespace(), await cluster.createNamespace()];
      await createAccount('default', system);
      const objects = (await helm().render({ values, namespace: system })).filter(isServedHere);
      const text = objects.map((object) => stringify(object)).join('---\n');
      const accepted = await dryRun(text.replaceAll(runsNamespaces, runs));
      expect(accepted).to.have.length(objects.length);
    });

    it(`has only classes that are accepted, with ${values}`, async () => {
      const objects = await helm().render({ values });
      const catalogue = objects.find(({ metadata }) => metadata.name === 'quartermaster-catalogue');
      for (const text of Object.values(catalogue?.data ?? {})) {
        expect(await dryRun(text)).to.have.length(1);
      }
    });

    it(`has only pods that are accepted as harmless, with ${values}`, async () => {
      const pods = podsOf(await helm().render({ values }));
      expect(pods).to.have.length.above(2);
      for (const { from, spec } of pods) {
        await createPod(from.toLowerCase().replace(' ', '-'), spec, spec.serviceAccountName);
      }
    });
  }

  it('takes the pods of runs into its namespace for runs', async () => {
    const job = buildJob({ run, spec: {}, image: 'quartermaster:dev' });
    const [pod] = podsOf([job as never]);
    await createPod('run', pod!.spec);
  });
});
