import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { systemClock, type Clock } from '../../../../lib/clock.ts';
import { openStores } from '../../../../operator/state/stores.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { OperatorWorld } from '../../../support/operator/operator-world.ts';

const MINUTE_MS = 60_000;
const earlier: Clock = { ...systemClock, now: () => new Date(Date.now() - MINUTE_MS) };

describe('the operator and a lock that nobody can give back', function () {
  this.timeout(2 * MINUTE_MS);
  const cluster = useTestCluster();
  let world: OperatorWorld;

  before(async () => {
    world = await OperatorWorld.start(cluster);
  });
  after(() => world.stop());

  it('breaks it by itself within a minute, when run, Job and pods are gone', async () => {
    const options = { client: world.client, namespace: world.namespaces.runs, clock: earlier };
    const { lock } = await openStores(options);
    const uid = randomUUID();
    await lock.acquire(uid, { run: 'run-deleted-by-hand', instance: 'a' });
    await eventually(async () => expect(await lock.findHolder(uid)).to.equal(undefined), MINUTE_MS);
  });
});
