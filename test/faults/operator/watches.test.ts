import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { FaultWorld } from '../../support/faults/fault-world.ts';
import { CONVERGE_MS } from '../../support/faults/life.ts';
import { sample, seededRandom } from '../../support/faults/random.ts';
import { faultSettings, recordScenario } from '../../support/faults/reliability-report.ts';
import {
  playWatchFault,
  WATCH_FAULTS,
  type WatchFault,
} from '../../support/faults/watch-faults.ts';
import { FaultProxy } from '../../support/kube/fault-proxy.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';

/** How long every watch and list that begins is broken. */
const FAULT_MS = 4_000;
/** The short form takes one of the quick ones, another each time. */
const SHORT_COUNT = 1;

describe('broken watches', function () {
  this.timeout(6 * 60_000);
  const cluster = useTestCluster();
  let proxy: FaultProxy;
  let world: FaultWorld;

  before(async () => {
    proxy = await FaultProxy.start(cluster.controlPlane);
    world = await FaultWorld.start(cluster, { kubeconfig: proxy.writeKubeconfig() });
    await world.offerThings();
    await world.liveThrough('before', ['create']);
  });
  after(async () => {
    await world.stop();
    await proxy.stop();
  });

  for (const fault of chooseFaults()) {
    it(`lose nothing and double nothing: ${fault.name}`, async () => {
      const name = `watch-${fault.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
      const changed = world.life(`${name}-changed`);
      await changed.live('create');
      const healed = breakWatches(fault);
      const created = world.life(`${name}-created`);
      const work = Promise.all([
        created.live('create').then(() => created.live('delete')),
        changed.live('update').then(() => changed.live('delete')),
      ]).then(
        () => undefined,
        (error: unknown) => error as Error,
      );
      await healed;
      const since = performance.now();
      const failure = await work;
      const seconds = (performance.now() - since) / 1000;
      const faults = failure === undefined ? 0 : 1;
      recordScenario({ scenario: `watches: ${fault.name}`, points: 1, seconds, faults });
      expect(failure, `${failure?.message}\n${world.describe()}`).to.equal(undefined);
      expect(seconds).to.be.below(CONVERGE_MS / 1000);
      expect(world.operator.accidents).to.deep.equal([]);
    });
  }

  /** Breaks what stands, and for a while all that begins; resolves when that is over. */
  async function breakWatches(fault: WatchFault): Promise<void> {
    proxy.decide = playWatchFault(fault);
    proxy.resetAll();
    await sleep(FAULT_MS);
    proxy.decide = () => undefined;
  }

  function chooseFaults(): readonly WatchFault[] {
    if (faultSettings.isFull) return WATCH_FAULTS;
    const quick = WATCH_FAULTS.filter(({ isSlow }) => !isSlow);
    return sample(quick, SHORT_COUNT, seededRandom(faultSettings.seed));
  }
});
