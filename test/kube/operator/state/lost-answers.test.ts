import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { LABELS } from '../../../../crds/constants.ts';
import { systemClock } from '../../../../lib/clock.ts';
import type { KubeClient } from '../../../../lib/kube/client.ts';
import { createKubeClient } from '../../../../lib/kube/create-kube-client.ts';
import { ConflictError, ServerUnavailableError } from '../../../../lib/kube/errors.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { KeyRotation } from '../../../../operator/state/key-rotation.ts';
import { COMPONENTS, stateIndexName } from '../../../../operator/state/names.ts';
import { Resealer } from '../../../../operator/state/resealer.ts';
import { openStores, type Stores } from '../../../../operator/state/stores.ts';
import { FaultProxy, type Fault } from '../../../support/kube/fault-proxy.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { rejection } from '../../../support/rejection.ts';

/** The write takes effect, and its answer breaks off. */
const LOST: Fault = { kind: 'truncate', bytes: 10 };
/** The same, but it takes no effect. */
const FAILED: Fault = { kind: 'status', status: 500 };
const REFUSED: Fault = { kind: 'status', status: 409, body: { reason: 'Conflict' } };

describe('The state of a request, when the write of its index', () => {
  const cluster = useTestCluster();
  const holder = { run: 'run-1', instance: 'a' };
  let namespace: string;
  let proxy: FaultProxy;
  let client: KubeClient;
  let stores: Stores;
  let uid: string;

  beforeEach(async () => {
    namespace = await cluster.createNamespace();
    proxy = await FaultProxy.start(cluster.controlPlane);
    client = createKubeClient({ kubeconfig: proxy.writeKubeconfig() });
    stores = await openStores({ client, namespace, clock: systemClock });
    uid = randomUUID();
    await stores.lock.acquire(uid, holder);
  });
  afterEach(async () => {
    await client.close();
    await proxy.stop();
  });

  function write(serial: number): Promise<void> {
    return stores.state.write(uid, Buffer.from(JSON.stringify({ serial })), holder);
  }

  async function read(): Promise<string | undefined> {
    return (await stores.state.read(uid))?.toString();
  }

  async function countChunks(): Promise<number> {
    const labelSelector = `${LABELS.component}=${COMPONENTS.stateChunk}`;
    const chunks = await client.list(RESOURCE_TYPES.secrets, { namespace, labelSelector });
    return chunks.length;
  }

  /** The first index is created, after its chunk; later ones are replaced. */
  function playOnIndex(fault: Fault): void {
    let creations = 0;
    proxy.decide = ({ method, url }) => {
      if (method === 'POST' && url.pathname.endsWith('/secrets')) creations += 1;
      const isCreated = method === 'POST' && creations === 2;
      const isReplaced = method === 'PUT' && url.pathname.endsWith(stateIndexName(uid));
      return isCreated || isReplaced ? fault : undefined;
    };
  }

  function stopPlaying(): void {
    proxy.decide = () => undefined;
  }

  for (const { before, what } of [
    { before: 0, what: 'the first one' },
    { before: 2, what: 'a later one' },
  ]) {
    it(`got no answer, is read as it was written, and can be written again: ${what}`, async () => {
      for (let serial = 1; serial <= before; serial += 1) await write(serial);
      playOnIndex(LOST);
      expect(await rejection(write(7))).to.be.instanceOf(ServerUnavailableError);
      stopPlaying();
      expect(await read()).to.equal('{"serial":7}');
      await write(8);
      expect(await read()).to.equal('{"serial":8}');
    });

    it(`failed, stands as it stood, and can be written again: ${what}`, async () => {
      for (let serial = 1; serial <= before; serial += 1) await write(serial);
      const stood = await read();
      playOnIndex(FAILED);
      expect(await rejection(write(7))).to.be.instanceOf(ServerUnavailableError);
      stopPlaying();
      expect(await read()).to.equal(stood);
      await write(8);
      expect(await read()).to.equal('{"serial":8}');
    });
  }

  it('is refused, leaves no chunk of it behind', async function () {
    this.timeout(10_000);
    await write(1);
    playOnIndex(REFUSED);
    expect(await rejection(write(7))).to.be.instanceOf(ConflictError);
    stopPlaying();
    expect(await countChunks()).to.equal(1);
    expect(await read()).to.equal('{"serial":1}');
  });

  it('got no answer while it was sealed anew, is read as before', async () => {
    await write(1);
    const rotation = new KeyRotation(client, namespace, systemClock);
    await rotation.use(await rotation.add());
    await stores.keys.refresh();
    const resealer = new Resealer({ client, namespace, cipher: stores.cipher });
    playOnIndex(LOST);
    expect(await rejection(resealer.reseal())).to.be.instanceOf(ServerUnavailableError);
    stopPlaying();
    expect(await read()).to.equal('{"serial":1}');
    await resealer.reseal();
    expect(await read()).to.equal('{"serial":1}');
  });
});
