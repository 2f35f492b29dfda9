import { expect } from 'chai';
import { RESOURCE_RUNS } from '../../../../crds/resource-types.ts';
import { systemClock } from '../../../../lib/clock.ts';
import { LeftoverSweep } from '../../../../operator/state/leftover-sweep.ts';
import { generatedName, stateLockName } from '../../../../operator/state/names.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { QuietLogger } from '../../../support/quiet-logger.ts';
import { RunWorld, type FakeRequest } from '../../../support/runs/run-world.ts';

describe('What plans leave that nobody approved', () => {
  const cluster = useTestCluster();
  let world: RunWorld;
  let request: FakeRequest;
  const holder = { run: 'plan-1', instance: 'a' };

  before(async () => {
    world = await RunWorld.open(cluster.client, await cluster.createNamespace());
  });
  after(() => world.close());
  beforeEach('make what every plan makes', async () => {
    request = await world.createRequest();
    const { generated, lock } = world.stores;
    await generated.obtain(request.uid, { password: { length: 8, characters: 'hex' } });
    await lock.acquire(request.uid, holder);
  });

  async function sweep(options: { graceMs?: number; hasRuns?: boolean } = {}): Promise<string[]> {
    const { client, namespace } = world;
    const { graceMs = 0, hasRuns = false } = options;
    const common = { client, namespace, clock: systemClock, log: new QuietLogger(), graceMs };
    const removed = await new LeftoverSweep({ ...common, hasRuns: () => hasRuns }).sweep();
    return removed.filter((name) => name.endsWith(request.uid)).sort();
  }

  it('stays while there is a run, also one that memory does not know', async () => {
    expect(await sweep({ hasRuns: true })).to.deep.equal([]);
    await world.createRun(request, { action: 'Plan' });
    expect(await sweep()).to.deep.equal([]);
  });

  it('stays while there is a state, or outputs of what was applied', async () => {
    await world.stores.state.write(request.uid, Buffer.from('{"version":4}'), holder);
    expect(await sweep()).to.deep.equal([]);
    const other = await world.createRequest();
    await world.stores.generated.obtain(other.uid, { key: { length: 8, characters: 'hex' } });
    await world.stores.outputs.write(other.uid, { values: { port: 1 }, sensitive: [] });
    request = other;
    expect(await sweep()).to.deep.equal([]);
  });

  it('stays while it is young', async () => {
    expect(await sweep({ graceMs: 60_000 })).to.deep.equal([]);
  });

  it('goes when the last run of it is gone', async () => {
    const { metadata } = await world.createRun(request, { action: 'Plan' });
    await world.client.delete(RESOURCE_RUNS, metadata);
    const left = [generatedName(request.uid), stateLockName(request.uid)];
    expect(await sweep()).to.deep.equal(left.sort());
    expect(await sweep()).to.deep.equal([]);
  });
});
