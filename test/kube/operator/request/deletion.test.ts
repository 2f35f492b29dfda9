import { expect } from 'chai';
import { findCondition } from '../../../../crds/condition.ts';
import type { ResourceClass } from '../../../../crds/resource-class.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { databaseClass, OperatorWorld } from '../../../support/operator/operator-world.ts';

const DONE = { outcome: 'succeeded' as const };

describe('the deletion of a request always ends, or says why not', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let database: ResourceClass;

  before(async () => {
    world = await OperatorWorld.start(cluster);
    database = await world.createClass('database');
  });
  after(() => world.stop());

  /** Waits until a destroy is the run in progress. */
  function awaitDestroy(name: string): Promise<string> {
    return eventually(async () => {
      const current = (await world.request(name)).status?.run;
      if (current?.action !== 'Destroy') throw new Error('no destroy yet');
      return current.name;
    });
  }

  it('while its run is at work, which ends first', async () => {
    await world.createRequest('busy', { className: database.metadata.name });
    await world.approve('busy');
    const run = await eventually(async () => {
      const [found] = await world.runs('busy');
      if (found?.status?.jobName === undefined) throw new Error('not at work');
      return found.metadata.name;
    });
    const { uid } = (await world.request('busy')).metadata;
    await world.delete('busy');
    await world.awaitCondition('busy', 'Ready', { status: 'False', reason: 'Deprovisioning' });
    expect((await world.request('busy')).status?.run?.name).to.equal(run);
    await world.finishRun('busy');
    await awaitDestroy('busy');
    await world.finishRun('busy', DONE);
    await world.awaitGone('busy', uid!);
  });

  it('while it is paused: it says so, and goes on afterwards', async () => {
    const { uid } = (await world.makeReady('paused', database.metadata.name)).metadata;
    const annotation = 'quartermaster.dev/paused';
    await world.patch('paused', { metadata: { annotations: { [annotation]: 'true' } } });
    await world.delete('paused');
    await world.awaitCondition('paused', 'Ready', { reason: 'Paused' });
    await world.patch('paused', { metadata: { annotations: { [annotation]: null } } });
    await awaitDestroy('paused');
    await world.finishRun('paused', DONE);
    await world.awaitGone('paused', uid!);
  });

  it('when it never was anything but refused', async () => {
    const { uid } = (await world.createRequest('lost', { className: 'no-such-class' })).metadata;
    await world.awaitCondition('lost', 'Ready', { reason: 'ClassNotFound' });
    await world.delete('lost');
    await world.awaitGone('lost', uid!);
  });

  it('without the credentials of the provider: it names the Secret that is missing', async () => {
    const secretRefs = [{ name: 'provider-credentials' }];
    const cloud = await world.createClass('cloud', { ...databaseClass, runner: { secretRefs } });
    const { uid } = (await world.makeReady('cloud', cloud.metadata.name)).metadata;
    await world.delete('cloud');
    const name = await awaitDestroy('cloud');
    const message = 'secret "provider-credentials" not found';
    await playWaitingPod(name, { reason: 'CreateContainerConfigError', message });
    await eventually(async () => {
      const { status } = await world.request('cloud');
      expect(findCondition(status?.conditions, 'Ready')?.message).to.include(message);
    });
    // The Secret is back, and so the pod begins.
    await world.finishRun('cloud', DONE);
    await world.client.delete(RESOURCE_TYPES.pods, { namespace: world.namespaces.runs, name });
    await world.awaitGone('cloud', uid!);
  });

  it('and changes nothing that it finds after the destroy has ended: no second one is made', async () => {
    const { uid } = (await world.makeReady('twice', database.metadata.name)).metadata;
    await world.delete('twice');
    const run = await awaitDestroy('twice');
    await world.stopOperator();
    await world.startOperator();
    expect(await world.finishRun('twice', DONE)).to.equal(run);
    await world.awaitGone('twice', uid!);
  });

  it('while its namespace is being deleted', async () => {
    const { uid } = (await world.makeReady('tenant', database.metadata.name)).metadata;
    await world.createRequest('idle', { className: database.metadata.name });
    await world.awaitCondition('idle', 'Ready', { reason: 'AwaitingApproval' });
    const idle = (await world.request('idle')).metadata.uid!;
    await world.client.delete(RESOURCE_TYPES.namespaces, { name: world.namespaces.project });
    // What the namespace controller would do next.
    for (const name of ['tenant', 'idle']) await world.delete(name);
    await awaitDestroy('tenant');
    await world.finishRun('tenant', DONE);
    await world.awaitGone('tenant', uid!);
    await world.awaitGone('idle', idle);
  });

  /** Plays the kubelet where it cannot start the container. */
  async function playWaitingPod(
    name: string,
    waiting: { reason: string; message: string },
  ): Promise<void> {
    const namespace = world.namespaces.runs;
    await world.client
      .create(RESOURCE_TYPES.serviceAccounts, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { namespace, name: 'default' },
      })
      .catch(() => undefined);
    await world.client.create(RESOURCE_TYPES.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name, labels: { 'quartermaster.dev/run': name } },
      spec: { containers: [{ name: 'runner', image: 'x' }] },
    } as never);
    const container = { name: 'runner', ready: false, restartCount: 0, image: 'x', imageID: '' };
    const status = {
      phase: 'Pending',
      containerStatuses: [{ ...container, state: { waiting } }],
    };
    const key = { namespace, name };
    await world.client.mergePatch(RESOURCE_TYPES.pods, key, { status }, { subresource: 'status' });
  }
});

describe('the status of a request', function () {
  this.timeout(120_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;

  before(async () => {
    world = await OperatorWorld.start(cluster);
  });
  after(() => world.stop());

  it('is no longer after fifty generations than after one, and neither is what is kept', async () => {
    const automatic = await world.createClass('auto', {
      ...databaseClass,
      approval: { mode: 'Automatic' },
    });
    await world.createRequest('often', { className: automatic.metadata.name });
    await world.finishRun('often');
    const first = await world.awaitCondition('often', 'Ready', { status: 'True' });
    for (let generation = 0; generation < 50; generation += 1) {
      const before = (await world.request('often')).status?.applied?.run;
      await world.patch('often', {
        spec: { parameters: { size: 1 + (generation % 10) } },
      });
      await eventually(async () => {
        const { status } = await world.request('often');
        if (status?.run === undefined || status.run.name === before) throw new Error('no run yet');
      });
      await world.finishRun('often');
      await world.awaitCondition('often', 'Ready', { status: 'True', reason: 'Available' });
    }
    const last = await world.request('often');
    expect(last.metadata.generation).to.be.at.least(50);
    const sizeOf = (value: unknown): number => JSON.stringify(value).length;
    expect(sizeOf(last.status)).to.be.at.most(sizeOf(first.status) + 200);
    expect(last.status?.conditions).to.have.length(8);
    await eventually(async () => expect(await world.runs('often')).to.have.length.at.most(11));
  });
});
