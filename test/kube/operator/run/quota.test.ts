import { expect } from 'chai';
import { findCondition } from '../../../../crds/condition.ts';
import type { KubeObject } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { databaseClass, OperatorWorld } from '../../../support/operator/operator-world.ts';
import { JobPlayer } from '../../../support/pods/job-player.ts';

const QUOTAS = {
  group: '',
  version: 'v1',
  plural: 'resourcequotas',
  kind: 'ResourceQuota',
  namespaced: true,
};

describe('a quota that leaves no room for the pod of a run', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let jobs: JobPlayer;
  let className: string;
  let quota: { namespace: string; name: string };

  before(async () => {
    world = await OperatorWorld.start(cluster);
    jobs = new JobPlayer({ client: world.client, namespace: world.namespaces.runs });
    await jobs.start();
    quota = { namespace: world.namespaces.runs, name: 'full' };
    const automatic = { ...databaseClass, approval: { mode: 'Automatic' } };
    className = (await world.createClass('auto', automatic)).metadata.name;
  });
  after(async () => {
    await jobs.stop();
    await world.stop();
  });

  /** The status is what the quota controller would write; the API server goes by it. */
  async function fill(): Promise<void> {
    const hard = { pods: '0' };
    await world.client.create(QUOTAS, {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: quota,
      spec: { hard },
    } as KubeObject);
    const status = { hard, used: { pods: '0' } };
    await world.client.mergePatch(QUOTAS, quota, { status }, { subresource: 'status' });
  }

  async function sayReady(name: string): Promise<string> {
    const { status } = await world.request(name);
    return findCondition(status?.conditions, 'Ready')?.message ?? '';
  }

  it('is the reason that run and request show, and resolves by itself', async () => {
    await fill();
    await world.createRequest('crowded', { className });
    await eventually(async () => {
      const [run] = await world.runs('crowded');
      const condition = findCondition(run?.status?.conditions, 'Succeeded');
      expect(condition).to.include({ status: 'Unknown', reason: 'PodRefused' });
      expect(condition?.message).to.include('exceeded quota');
      expect(await sayReady('crowded')).to.match(/cannot begin yet \(PodRefused: .*exceeded quota/);
    }, 20_000);
    await world.client.delete(QUOTAS, quota);
    await eventually(async () => {
      const pods = await world.client.list(RESOURCE_TYPES.pods, { namespace: quota.namespace });
      expect(pods).to.have.length(1);
      expect(await sayReady('crowded')).to.match(/applies what was approved\.$/);
    }, 20_000);
    await world.finishRun('crowded');
    await world.awaitCondition('crowded', 'Ready', { status: 'True' });
  });
});
