import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { systemClock, type Clock } from '../../../../lib/clock.ts';
import { KeyInUseError } from '../../../../operator/state/errors.ts';
import { KeyRotation } from '../../../../operator/state/key-rotation.ts';
import { LiveKeys } from '../../../../operator/state/live-keys.ts';
import { Resealer } from '../../../../operator/state/resealer.ts';
import { loadStateKeys } from '../../../../operator/state/state-keys.ts';
import { openStores, type Stores } from '../../../../operator/state/stores.ts';
import { eventually } from '../../../support/eventually.ts';
import { replaceCalls } from '../../../support/kube/replace-calls.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { rejection } from '../../../support/rejection.ts';

const LATER_MS = 11 * 60_000;
const later: Clock = { ...systemClock, now: () => new Date(Date.now() + LATER_MS) };

describe('The keys that everything is sealed with', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  const holder = { run: 'run-1', instance: 'a' };
  let namespace: string;
  let stores: Stores;
  let rotation: KeyRotation;

  beforeEach(async () => {
    namespace = await cluster.createNamespace();
    stores = await openStores({ client: cluster.client, namespace, clock: systemClock });
    rotation = new KeyRotation(cluster.client, namespace, systemClock);
  });

  function resealer(): Resealer {
    return new Resealer({ client: cluster.client, namespace, cipher: stores.cipher });
  }

  function write(uid: string, serial: number): Promise<void> {
    return stores.state.write(uid, Buffer.from(JSON.stringify({ serial })), holder);
  }

  async function fill(versions: number): Promise<string> {
    const uid = randomUUID();
    await stores.lock.acquire(uid, holder);
    for (let serial = 1; serial <= versions; serial += 1) {
      await write(uid, serial);
    }
    await stores.outputs.write(uid, { values: { a: 1 }, sensitive: [] });
    await stores.generated.obtain(uid, { password: { length: 8, characters: 'hex' } });
    return uid;
  }

  async function changeKey(): Promise<{ before: string; after: string }> {
    const before = stores.keys.currentKid;
    const after = await rotation.add();
    await stores.keys.refresh();
    await rotation.use(after);
    await stores.keys.refresh();
    return { before, after };
  }

  it('include no key that is sealed with before every process can know it', async () => {
    const [before] = await rotation.list();
    await rotation.add();
    expect((await rotation.list())[0]).to.deep.equal(before);
  });

  it('are read again by themselves while everything runs', async () => {
    const keys = await LiveKeys.open({
      load: () => loadStateKeys(cluster.client, namespace),
      refreshMs: 20,
    });
    const kid = await rotation.add();
    await rotation.use(kid);
    await eventually(() => expect(keys.currentKid).to.equal(kid));
    keys.stop();
  });

  it('seal nothing when nobody could read them for too long, and still open', async () => {
    const load = () => loadStateKeys(cluster.client, namespace);
    const keys = await LiveKeys.open({ load, staleMs: -1 });
    expect(() => keys.currentKid).to.throw('could not be read');
    expect(keys.keys.size).to.equal(1);
    keys.stop();
  });

  it('change without a moment in which something cannot be read, all versions of a state included', async () => {
    const uid = await fill(3);
    const { before, after } = await changeKey();
    expect((await stores.state.read(uid))?.toString()).to.equal('{"serial":3}');
    await stores.state.write(uid, Buffer.from('{"serial":4}'), holder);
    expect(await resealer().reseal()).to.equal(5);
    expect([...(await resealer().countUses()).keys()]).to.deep.equal([after]);
    for (const number of [1, 2, 3, 4]) {
      const state = await stores.state.readVersion(uid, number);
      expect(state?.toString()).to.equal(JSON.stringify({ serial: number }));
    }
    expect(await stores.outputs.read(uid)).to.deep.equal({ a: 1 });
    await new KeyRotation(cluster.client, namespace, later).remove(before);
    await stores.keys.refresh();
    expect((await stores.state.read(uid))?.toString()).to.equal('{"serial":4}');
    expect(await resealer().reseal()).to.equal(0);
  });

  it('change while runs write, and no written state is lost', async () => {
    const uids = await Promise.all([fill(2), fill(2), fill(2)]);
    const { after } = await changeKey();
    let isDone = false;
    const serials = new Map<string, number>();
    const writing = uids.map(async (uid) => {
      for (let serial = 3; !isDone || serial < 8; serial += 1) {
        await write(uid, serial);
        const read = await stores.state.read(uid);
        expect(read?.toString()).to.equal(JSON.stringify({ serial }));
        serials.set(uid, serial);
      }
    });
    await resealer().reseal();
    isDone = true;
    await Promise.all(writing);
    for (const uid of uids) {
      const serial = serials.get(uid);
      expect((await stores.state.read(uid))?.toString()).to.equal(JSON.stringify({ serial }));
    }
    expect([...(await resealer().countUses()).keys()]).to.deep.equal([after]);
  });

  it('change although a version is dropped while it is sealed anew', async () => {
    const uid = await fill(1);
    const { after } = await changeKey();
    let isDropped = false;
    const { client } = cluster;
    const late = replaceCalls(client, {
      get: async (type, key) => {
        if (!isDropped && key.name.startsWith('state-') && key.name.endsWith('-0')) {
          isDropped = true;
          for (let serial = 2; serial <= 12; serial += 1) await write(uid, serial);
        }
        return client.get(type, key);
      },
    });
    await new Resealer({ client: late, namespace, cipher: stores.cipher }).reseal();
    expect(isDropped).to.equal(true);
    expect((await stores.state.read(uid))?.toString()).to.equal('{"serial":12}');
    expect([...(await resealer().countUses()).keys()]).to.deep.equal([after]);
  });

  describe('are not removed', () => {
    it('while they seal', async () => {
      const { after } = await changeKey();
      expect(await rejection(rotation.remove(after))).to.be.instanceOf(KeyInUseError);
    });

    it('so soon after they sealed that somebody may not know it', async () => {
      const { before } = await changeKey();
      expect(await rejection(rotation.remove(before))).to.be.instanceOf(KeyInUseError);
    });
  });
});
