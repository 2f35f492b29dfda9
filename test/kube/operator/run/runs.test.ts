import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { findCondition } from '../../../../crds/condition.ts';
import type { ResourceClass } from '../../../../crds/resource-class.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { readRunLog, runLogName, type RunLogView } from '../../../../crds/run-log.ts';
import { RESOURCE_RUNS } from '../../../../crds/resource-types.ts';
import type { ConfigMap } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { databaseClass, OperatorWorld } from '../../../support/operator/operator-world.ts';

describe('the operator runs Jobs', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let automatic: ResourceClass;

  before(async () => {
    world = await OperatorWorld.start(cluster, { MAX_CONCURRENT_RUNS: '2' });
    automatic = await world.createClass('auto', {
      ...databaseClass,
      approval: { mode: 'Automatic' },
    });
  });
  after(() => world.stop());

  async function startRun(name: string): Promise<{ namespace: string; name: string }> {
    await world.createRequest(name, { className: automatic.metadata.name });
    return eventually(async () => {
      const run = (await world.runs(name))[0];
      if (run?.status?.jobName === undefined) throw new Error('no Job yet');
      return { namespace: world.namespaces.runs, name: run.metadata.name };
    });
  }

  /** Plays the kubelet: no node is there to do it. */
  async function createPod(
    run: { namespace: string; name: string },
    status: object,
  ): Promise<void> {
    const metadata = { ...run, labels: { 'quartermaster.dev/run': run.name } };
    const spec = { containers: [{ name: 'runner', image: 'x' }] };
    await world.client
      .create(RESOURCE_TYPES.serviceAccounts, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { namespace: run.namespace, name: 'default' },
      })
      .catch(() => undefined);
    await world.client.create(RESOURCE_TYPES.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec,
    } as never);
    await world.client.mergePatch(
      RESOURCE_TYPES.pods,
      run,
      { status },
      {
        subresource: 'status',
      },
    );
  }

  function ended(exitCode: number, reason: string): object {
    const state = { terminated: { exitCode, reason } };
    return {
      phase: 'Failed',
      containerStatuses: [
        { name: 'runner', state, ready: false, restartCount: 0, image: 'x', imageID: '' },
      ],
    };
  }

  async function getRun(key: { namespace: string; name: string }): Promise<ResourceRun> {
    return (await world.client.get<ResourceRun>(RESOURCE_RUNS, key))!;
  }

  async function readLog({
    namespace,
    name,
  }: {
    namespace: string;
    name: string;
  }): Promise<RunLogView> {
    const key = { namespace, name: runLogName(name) };
    return readRunLog(await world.client.get<ConfigMap>(RESOURCE_TYPES.configMaps, key));
  }

  const ends = [
    { name: 'memory', status: ended(137, 'OOMKilled'), type: 'OutOfMemory' },
    { name: 'killed', status: ended(137, 'Error'), type: 'Interrupted' },
    { name: 'evicted', status: { phase: 'Failed', reason: 'Evicted' }, type: 'Interrupted' },
    { name: 'crashed', status: ended(1, 'Error'), type: 'Internal' },
    {
      name: 'late',
      status: { phase: 'Failed', reason: 'DeadlineExceeded' },
      type: 'DeadlineExceeded',
    },
  ];

  for (const { name, status, type } of ends) {
    it(`calls a pod that ended without a report (${name}) ${type}, and cleans up`, async () => {
      const key = await startRun(name);
      await createPod(key, status);
      await eventually(async () => {
        const run = await getRun(key);
        expect(run.status?.failure?.type).to.equal(type);
        expect(run.status?.finishedAt).to.be.a('string');
        expect(findCondition(run.status?.conditions, 'Succeeded')?.status).to.equal('False');
      });
      await eventually(async () => {
        expect(await world.client.get(RESOURCE_TYPES.jobs, key)).to.equal(undefined);
        expect(await world.client.get(RESOURCE_TYPES.secrets, key)).to.equal(undefined);
      });
      const log = await readLog(key);
      expect(log.isComplete).to.equal(true);
      expect(log.lines.at(-1)?.text).to.include(`the run failed (${type})`);
      await world.client.delete(RESOURCE_TYPES.pods, key);
      await world.patch(name, {
        metadata: { annotations: { 'quartermaster.dev/paused': 'true' } },
      });
    });
  }

  it('shows why a pod does not start', async () => {
    const key = await startRun('pull');
    const state = { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } };
    await createPod(key, {
      phase: 'Pending',
      containerStatuses: [
        { name: 'runner', state, ready: false, restartCount: 0, image: 'x', imageID: '' },
      ],
    });
    await eventually(async () => {
      const condition = findCondition((await getRun(key)).status?.conditions, 'Succeeded');
      expect(condition).to.include({ status: 'Unknown', reason: 'ImagePullBackOff' });
    });
    const request = await world.request('pull');
    await world.finishRun('pull');
    await world.awaitCondition('pull', 'Ready', { status: 'True' });
    expect(findCondition(request.status?.conditions, 'Provisioned')?.status).to.equal('False');
  });

  it('ends a run whose Job somebody deleted, once its pod is gone', async () => {
    const key = await startRun('lost');
    await createPod(key, { phase: 'Running' });
    await world.client.delete(RESOURCE_TYPES.jobs, key);
    await sleep(500);
    expect((await getRun(key)).status?.finishedAt).to.equal(undefined);
    await world.client.delete(RESOURCE_TYPES.pods, key);
    await eventually(async () => {
      expect((await getRun(key)).status?.failure?.type).to.equal('Interrupted');
    });
    await world.patch('lost', {
      metadata: { annotations: { 'quartermaster.dev/paused': 'true' } },
    });
  });

  it('runs at most as many at once as it may, and the next when one has ended', async () => {
    const names = ['one', 'two', 'three'];
    for (const name of names) {
      await world.createRequest(name, { className: automatic.metadata.name });
    }
    const withJob = async (): Promise<string[]> => {
      const states = await Promise.all(
        names.map(async (name) => [name, (await world.runs(name))[0]] as const),
      );
      return states.filter(([, run]) => run?.status?.jobName !== undefined).map(([name]) => name);
    };
    await eventually(async () => expect(await withJob()).to.have.length(2));
    await sleep(300);
    const first = await withJob();
    expect(first).to.have.length(2);
    await world.finishRun(first[0]!);
    await eventually(async () => expect(await withJob()).to.have.length(3));
  });

  it('does not start a run of a request that is deleted before its turn', async () => {
    const { uid } = (await world.createRequest('four', { className: automatic.metadata.name }))
      .metadata;
    await eventually(async () => expect(await world.runs('four')).to.have.length(1));
    await world.delete('four');
    await eventually(async () => {
      const runs = await world.runs('four');
      expect(runs.find(({ spec }) => spec.action === 'Apply')?.status?.failure?.type).to.equal(
        'Interrupted',
      );
    });
    for (const name of ['one', 'two', 'three']) {
      if ((await world.request(name)).status?.run) await world.finishRun(name);
    }
    await world.finishRun('four', { outcome: 'succeeded' });
    await world.awaitGone('four', uid!);
  });
});
