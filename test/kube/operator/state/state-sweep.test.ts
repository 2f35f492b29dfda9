import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { API_VERSION, LABELS } from '../../../../crds/constants.ts';
import { RESOURCE_RUNS } from '../../../../crds/resource-types.ts';
import { systemClock } from '../../../../lib/clock.ts';
import type { KubeObject } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { StateLockLostError } from '../../../../operator/state/errors.ts';
import { StateSweep } from '../../../../operator/state/state-sweep.ts';
import { openStores, type Stores } from '../../../../operator/state/stores.ts';
import { eventually } from '../../../support/eventually.ts';
import { replaceCalls } from '../../../support/kube/replace-calls.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { QuietLogger } from '../../../support/quiet-logger.ts';
import { rejection } from '../../../support/rejection.ts';
import { RunWorld } from '../../../support/runs/run-world.ts';

describe('What processes leave behind', () => {
  const cluster = useTestCluster();
  let world: RunWorld;
  let stores: Stores;
  let uid: string;

  before(async () => {
    world = await RunWorld.open(cluster.client, await cluster.createNamespace());
    ({ stores } = world);
    const metadata = { namespace: world.namespace, name: 'default' };
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
    await cluster.client.create(RESOURCE_TYPES.serviceAccounts, account);
  });
  after(() => world.close());
  beforeEach(() => {
    uid = randomUUID();
  });

  function openSweep(grace: { lockGraceMs?: number; chunkGraceMs?: number } = {}): StateSweep {
    const { client } = cluster;
    const common = { client, clock: systemClock, log: new QuietLogger() };
    const { namespace } = world;
    return new StateSweep({
      ...common,
      namespace,
      stores,
      lockGraceMs: 0,
      chunkGraceMs: 0,
      ...grace,
    });
  }

  async function createOf(run: string, type: 'pods' | 'jobs'): Promise<KubeObject> {
    const template = { containers: [{ name: 'runner', image: 'none' }], restartPolicy: 'Never' };
    const metadata = { namespace: world.namespace, name: run, labels: { [LABELS.run]: run } };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: template };
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata,
      spec: { template: { spec: template } },
    };
    return cluster.client.create(RESOURCE_TYPES[type], type === 'pods' ? pod : job);
  }

  describe('is a lock that stays', () => {
    it('while its run is not over', async () => {
      const request = await world.createRequest();
      const run = await world.createRun(request);
      await stores.lock.acquire(request.uid, { run: run.metadata.name, instance: 'a' });
      expect(await openSweep().sweepLocks()).not.to.include(run.metadata.name);
    });

    for (const type of ['pods', 'jobs'] as const) {
      it(`while one of its ${type} may still be at work, although its run is gone`, async () => {
        const run = `run-${randomUUID().slice(0, 8)}`;
        await stores.lock.acquire(uid, { run, instance: 'a' });
        const object = await createOf(run, type);
        expect(await openSweep().sweepLocks()).not.to.include(run);
        const { metadata } = object;
        const options = { propagationPolicy: 'Background' as const };
        await cluster.client.delete(RESOURCE_TYPES[type], metadata, options);
        expect(await openSweep().sweepLocks()).to.include(run);
      });
    }

    it('while it is so young that its run may only not be seen yet', async () => {
      await stores.lock.acquire(uid, { run: 'run-young', instance: 'a' });
      expect(await openSweep({ lockGraceMs: 60_000 }).sweepLocks()).to.deep.equal([]);
      await stores.releaseLock(uid, 'run-young');
    });
  });

  describe('is a lock that is broken', () => {
    it('when its run and all its pods are gone; whoever still writes is refused', async () => {
      const holder = { run: 'run-gone', instance: 'a' };
      await stores.lock.acquire(uid, holder);
      expect(await openSweep().sweepLocks()).to.deep.equal(['run-gone']);
      expect(await rejection(stores.state.write(uid, Buffer.from('{}'), holder))).to.be.instanceOf(
        StateLockLostError,
      );
      await stores.lock.acquire(uid, { run: 'run-next', instance: 'b' });
      await stores.releaseLock(uid, 'run-next');
    });

    it('when its run is over', async () => {
      const request = await world.createRequest();
      const { metadata } = await world.createRun(request);
      await stores.lock.acquire(request.uid, { run: metadata.name, instance: 'a' });
      const condition = {
        type: 'Succeeded',
        status: 'False',
        reason: 'Interrupted',
        message: 'x',
        lastTransitionTime: new Date().toISOString(),
      };
      await cluster.client.mergePatch(
        RESOURCE_RUNS,
        metadata,
        { apiVersion: API_VERSION, status: { conditions: [condition] } },
        { subresource: 'status' },
      );
      expect(await openSweep().sweepLocks()).to.deep.equal([metadata.name]);
    });

    it('and fenced again when whoever broke it ended before the fence', async () => {
      const holder = { run: 'run-half', instance: 'a' };
      await stores.lock.acquire(uid, holder);
      await stores.lock.release(uid, ({ run }) => run === holder.run);
      const before = (await stores.state.readIndex(uid)).fence;
      expect(await stores.releaseLock(uid, holder.run)).to.equal(false);
      expect((await stores.state.readIndex(uid)).fence).to.equal(before + 1);
    });
  });

  describe('are chunks', () => {
    async function listChunks(): Promise<string[]> {
      const labelSelector = `${LABELS.requestUid}=${uid},${LABELS.component}=state-chunk`;
      const { namespace } = world;
      const found = await cluster.client.list(RESOURCE_TYPES.secrets, { namespace, labelSelector });
      return found.map(({ metadata }) => metadata.name);
    }

    /** Writes chunks, and ends before the index. */
    async function writeHalf(): Promise<void> {
      const dying = replaceCalls(cluster.client, { replace: () => new Promise(() => undefined) });
      const { namespace } = world;
      const other = await openStores({ client: dying, namespace, clock: systemClock });
      void other.state.write(uid, Buffer.from('{"serial":2}'), { run: 'run-1', instance: 'a' });
    }

    it('of a writer that ended before its index: they go, and the state stays', async () => {
      const holder = { run: 'run-1', instance: 'a' };
      await stores.lock.acquire(uid, holder);
      await stores.state.write(uid, Buffer.from('{"serial":1}'), holder);
      const [kept] = await listChunks();
      await writeHalf();
      await eventually(async () => expect(await listChunks()).to.have.length(2));
      expect(await openSweep({ chunkGraceMs: 60_000 }).sweepChunks()).to.deep.equal([]);
      await openSweep().sweepChunks();
      expect(await listChunks()).to.deep.equal([kept]);
      expect((await stores.state.read(uid))?.toString()).to.equal('{"serial":1}');
    });
  });
});
