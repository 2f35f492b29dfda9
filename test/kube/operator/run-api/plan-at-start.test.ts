import { expect } from 'chai';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { RunApiClient } from '../../../../operator/runner/run-api-client.ts';
import { digestOf } from '../../../../operator/state/plan-store.ts';
import { rejection } from '../../../support/rejection.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { RunWorld, type FakeRequest } from '../../../support/runs/run-world.ts';

const FILE = Buffer.from('what was approved');
const ANOTHER = { run: 'another', instance: 'a' };

describe('The file of a plan that was approved', () => {
  const cluster = useTestCluster();
  let world: RunWorld;
  let request: FakeRequest;
  let run: ResourceRun;
  let api: RunApiClient;

  before(async () => {
    world = await RunWorld.open(cluster.client, await cluster.createNamespace());
  });
  after(() => world.close());
  beforeEach(async () => {
    request = await world.createRequest();
    const planDigest = digestOf(FILE);
    await keepPlan(await world.createRun(request, { action: 'Plan' }));
    run = await world.createRun(request, { planDigest });
    api = new RunApiClient(await world.access.issueRunAccess(run), 'one');
  });
  afterEach(async () => {
    api.close();
    await world.stores.plans.remove(digestOf(FILE));
  });

  /** As a Plan run leaves it. */
  async function keepPlan({ apiVersion, kind, metadata, spec }: ResourceRun): Promise<void> {
    const { name, uid = '' } = metadata;
    await world.stores.plans.write({
      planDigest: digestOf(FILE),
      run: name,
      request,
      inputsDigest: spec.inputsDigest,
      classRevision: spec.classRevision,
      stateVersion: 0,
      lockFile: '',
      fingerprints: {},
      generated: {},
      createdAt: new Date().toISOString(),
      file: FILE,
      owner: { apiVersion, kind, name, uid },
    });
  }

  async function pushState(): Promise<void> {
    const { lock, state } = world.stores;
    await lock.acquire(request.uid, ANOTHER);
    await state.write(request.uid, Buffer.from('{"version":4}'), ANOTHER);
    await world.stores.releaseLock(request.uid, ANOTHER.run);
  }

  it('is not given to a run that starts while another run pushes a state', async () => {
    const { lock, state } = world.stores;
    const looked = Promise.withResolvers<undefined>();
    const acquire = lock.acquire.bind(lock);
    const readIndex = state.readIndex.bind(state);
    state.readIndex = async (uid) => {
      const index = await readIndex(uid);
      looked.resolve(undefined);
      return index;
    };
    lock.acquire = async (uid, holder, permission) => {
      if (holder.run === ANOTHER.run) return acquire(uid, holder);
      // The look beside the start has seen the old state; it is held only after the new one is there.
      await looked.promise;
      await pushState();
      return acquire(uid, holder, permission);
    };
    try {
      expect(await rejection(api.start())).to.include({ status: 412, code: 'StateMoved' });
    } finally {
      Reflect.deleteProperty(lock, 'acquire');
      Reflect.deleteProperty(state, 'readIndex');
    }
  });

  it('is not given to whoever only asks what is to be done', async () => {
    expect((await api.readSpec()).savedPlan).to.deep.include({ digest: digestOf(FILE) });
    expect((await api.readSpec()).savedPlan).not.to.have.property('file');
  });

  it('comes with the start, byte for byte, and with what it is made on', async () => {
    const { savedPlan } = await api.start();
    expect(savedPlan?.stateVersion).to.equal(0);
    expect(Buffer.from(savedPlan?.file ?? '', 'base64').equals(FILE)).to.equal(true);
  });

  it('can be asked for as well, by runners of the release before', async () => {
    await api.start();
    expect((await api.readPlan()).equals(FILE)).to.equal(true);
  });
});
