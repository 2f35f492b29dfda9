import { randomBytes, randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { systemClock } from '../../../../lib/clock.ts';
import type { KubeClient } from '../../../../lib/kube/client.ts';
import type { Secret } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import {
  AlreadyStartedError,
  SealBrokenError,
  StateIncompleteError,
  StateLockedError,
  StateLockLostError,
} from '../../../../operator/state/errors.ts';
import { stateChunkName } from '../../../../operator/state/names.ts';
import { openStores, type Stores } from '../../../../operator/state/stores.ts';
import { replaceCalls } from '../../../support/kube/replace-calls.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { rejection } from '../../../support/rejection.ts';

describe('The state of a request, in Secrets of a real API server', () => {
  const cluster = useTestCluster();
  const holder = { run: 'run-1', instance: 'a' };
  let namespace: string;
  let stores: Stores;
  let uid: string;

  before(async () => {
    namespace = await cluster.createNamespace();
    stores = await openStores({ client: cluster.client, namespace, clock: systemClock });
  });
  beforeEach(() => {
    uid = randomUUID();
  });

  async function readChunk(version: number): Promise<Secret> {
    const { versions } = await stores.state.readIndex(uid);
    const name = stateChunkName(
      uid,
      versions.find(({ number }) => number === version)!,
      0,
    );
    return (await cluster.client.get<Secret>(RESOURCE_TYPES.secrets, { namespace, name }))!;
  }

  describe('is refused to', () => {
    it('a writer without the lock', async () => {
      const error = await rejection(stores.state.write(uid, Buffer.from('{}'), holder));
      expect(error).to.be.instanceOf(StateLockLostError);
      expect(await stores.state.read(uid)).to.equal(undefined);
    });

    it('a writer of another run, and another process of the same run', async () => {
      await stores.lock.acquire(uid, holder);
      for (const other of [
        { run: 'run-2', instance: 'a' },
        { ...holder, instance: 'b' },
      ]) {
        const error = await rejection(stores.state.write(uid, Buffer.from('{}'), other));
        expect(error).to.be.instanceOf(StateLockLostError);
      }
    });

    it('a writer whose lock is broken while it writes', async () => {
      await stores.lock.acquire(uid, holder);
      const slow = slowDown(cluster.client, async () => {
        await stores.releaseLock(uid, holder.run);
      });
      const behind = await openStores({ client: slow, namespace, clock: systemClock });
      const error = await rejection(behind.state.write(uid, Buffer.from('{"late":true}'), holder));
      expect(error).to.be.instanceOf(StateLockLostError);
      expect(await stores.state.read(uid)).to.equal(undefined);
    });
  });

  describe('has a lock that', () => {
    it('one run holds, and no other takes', async () => {
      await stores.lock.acquire(uid, holder);
      await stores.lock.acquire(uid, holder);
      const error = await rejection(stores.lock.acquire(uid, { run: 'run-2', instance: 'a' }));
      expect(error).to.be.instanceOf(StateLockedError);
      expect((error as StateLockedError).run).to.equal('run-1');
    });

    it('one of many that try at once gets', async () => {
      const tries = Array.from({ length: 8 }, (_, index) =>
        stores.lock.acquire(uid, { run: `run-${index}`, instance: 'a' }),
      );
      const results = await Promise.allSettled(tries);
      expect(results.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    });

    it('a second process of its run never gets, also when the first gave it back', async () => {
      await stores.lock.acquire(uid, holder);
      const second = { ...holder, instance: 'b' };
      expect(await rejection(stores.lock.acquire(uid, second))).to.be.instanceOf(
        AlreadyStartedError,
      );
      expect(await stores.releaseLock(uid, holder.run)).to.equal(true);
      expect(await rejection(stores.lock.acquire(uid, second))).to.be.instanceOf(
        AlreadyStartedError,
      );
      await stores.lock.acquire(uid, { run: 'run-2', instance: 'a' });
    });

    it('is not broken in the name of a run that does not hold it', async () => {
      await stores.lock.acquire(uid, holder);
      expect(await stores.releaseLock(uid, 'run-2')).to.equal(false);
      expect(await stores.lock.findHolder(uid)).to.deep.equal(holder);
    });
  });

  describe('once written', () => {
    beforeEach(() => stores.lock.acquire(uid, holder));

    it('is read back, and nothing of it can be read in the Secrets', async () => {
      const state = Buffer.from(JSON.stringify({ password: 'correct horse battery staple' }));
      await stores.state.write(uid, state, holder);
      expect(await stores.state.read(uid)).to.deep.equal(state);
      const secrets = await cluster.client.list<Secret>(RESOURCE_TYPES.secrets, {
        namespace,
        labelSelector: `quartermaster.dev/request-uid=${uid}`,
      });
      expect(secrets).to.have.length(2);
      for (const { data } of secrets) {
        const text = Object.values(data ?? {}).map((value) => Buffer.from(value, 'base64'));
        expect(Buffer.concat(text).toString('latin1')).not.to.contain('horse');
      }
    });

    it('can be 20 MiB that do not compress', async function () {
      this.timeout(120_000);
      const state = randomBytes(20 * 1024 * 1024);
      await stores.state.write(uid, state, holder);
      const read = await stores.state.read(uid);
      expect(read?.equals(state)).to.equal(true);
      const { versions } = await stores.state.readIndex(uid);
      expect(versions[0]?.chunks).to.be.greaterThan(26);
      await stores.removeAll(uid);
      expect(await stores.state.read(uid)).to.equal(undefined);
    });

    it('keeps the last ten versions and no chunk of older ones', async function () {
      this.timeout(60_000);
      for (let serial = 1; serial <= 12; serial += 1) {
        await stores.state.write(uid, Buffer.from(JSON.stringify({ serial })), holder);
      }
      const { versions, current } = await stores.state.readIndex(uid);
      expect(current).to.equal(12);
      expect(versions.map(({ number }) => number)).to.deep.equal([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
      const chunks = await cluster.client.list(RESOURCE_TYPES.secrets, {
        namespace,
        labelSelector: `quartermaster.dev/request-uid=${uid},quartermaster.dev/component=state-chunk`,
      });
      expect(chunks).to.have.length(10);
    });

    it('is not believed when a chunk was replaced by that of an older version', async () => {
      await stores.state.write(uid, Buffer.from('{"serial":1}'), holder);
      await stores.state.write(uid, Buffer.from('{"serial":2}'), holder);
      const [old, current] = [await readChunk(1), await readChunk(2)];
      await cluster.client.delete(RESOURCE_TYPES.secrets, current.metadata);
      const { namespace: place, name } = current.metadata;
      const forged = { ...old, metadata: { namespace: place, name } };
      await cluster.client.create(RESOURCE_TYPES.secrets, forged);
      expect(await rejection(stores.state.read(uid))).to.be.instanceOf(SealBrokenError);
    });

    it('is not taken for empty when a chunk is missing', async () => {
      await stores.state.write(uid, Buffer.from('{}'), holder);
      await cluster.client.delete(RESOURCE_TYPES.secrets, (await readChunk(1)).metadata);
      expect(await rejection(stores.state.read(uid))).to.be.instanceOf(StateIncompleteError);
    });
  });
});

/** A client before whose first creating something else happens. */
function slowDown(client: KubeClient, before: () => Promise<void>): KubeClient {
  let isDone = false;
  return replaceCalls(client, {
    create: async (...call) => {
      if (!isDone) await before();
      isDone = true;
      return client.create(...call);
    },
  });
}
