import { expect } from 'chai';
import { eventually } from '../../support/eventually.ts';
import { FaultWorld } from '../../support/faults/fault-world.ts';
import { CONVERGE_MS, PHASES } from '../../support/faults/life.ts';
import { faultSettings, recordScenario } from '../../support/faults/reliability-report.ts';
import { FaultProxy } from '../../support/kube/fault-proxy.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';

/** Which watches lag, and by how much. */
const LAGS: readonly { plurals: readonly string[]; byMs: number }[] = [
  { plurals: ['resourcerequests', 'resourceruns'], byMs: 2_000 },
  { plurals: ['resourcerequests'], byMs: 5_000 },
  { plurals: ['resourceruns'], byMs: 5_000 },
  { plurals: ['resourcerequests', 'resourceruns', 'jobs', 'pods', 'secrets'], byMs: 3_000 },
];

/** The short form leaves to others what takes a lag for each of many steps. */
const phases = faultSettings.isFull ? PHASES : [];

describe('watches that lag behind', function () {
  this.timeout(6 * 60_000);
  const cluster = useTestCluster();
  let proxy: FaultProxy;
  let world: FaultWorld;

  before(async () => {
    proxy = await FaultProxy.start(cluster.controlPlane);
    world = await FaultWorld.start(cluster, { kubeconfig: proxy.writeKubeconfig() });
    await world.offerThings();
  });
  after(async () => {
    await world.stop();
    await proxy.stop();
  });

  for (const [index, { plurals, byMs }] of (faultSettings.isFull
    ? LAGS
    : LAGS.slice(0, 1)
  ).entries()) {
    it(`lose nothing and double nothing: ${plurals.join(', ')} by ${byMs / 1000} s`, async () => {
      proxy.decide = ({ isWatch, url }) =>
        isWatch && plurals.some((plural) => url.pathname.endsWith(`/${plural}`))
          ? { kind: 'late', byMs }
          : undefined;
      proxy.resetAll();
      const since = performance.now();
      const failure = await Promise.all([
        world.liveThrough(`lag-${index}`, phases),
        hurry(`hurry-${index}`),
      ]).then(
        () => undefined,
        (error: unknown) => error as Error,
      );
      const seconds = (performance.now() - since) / 1000;
      recordScenario({
        scenario: `watches late by ${byMs / 1000} s: ${plurals.join(', ')} (whole lives)`,
        points: 2,
        seconds,
        faults: failure === undefined ? 0 : 1,
      });
      expect(failure, `${failure?.message}\n${world.describe()}`).to.equal(undefined);
      expect(world.operator.accidents).to.deep.equal([]);
    });
  }

  /** Creates, approves, changes, approves, deletes and creates anew, and waits for nothing. */
  async function hurry(name: string): Promise<void> {
    const { className, cloud } = world;
    const spec = { className, parameters: { text: 'first' } };
    const first = await world.world.createRequest(name, spec);
    await world.world.approve(name);
    await eventually(() => expect(cloud.made(name)).to.equal(1), CONVERGE_MS);
    await world.world.patch(name, { spec: { parameters: { text: 'second' } } });
    await world.world.approve(name);
    await world.world.delete(name);
    await eventually(
      async () => {
        expect(await world.world.findRequest(name)).to.equal(undefined);
        expect(await cloud.things(name)).to.deep.equal([]);
        expect(await world.world.leftovers(first.metadata.uid ?? '')).to.deep.equal([]);
      },
      CONVERGE_MS,
      100,
    );
    expect(cloud.made(name)).to.equal(1);
    await world.world.createRequest(name, spec);
    await world.world.approve(name);
    // A thing can be seen before its maker has heard that it is made, and counts it.
    await eventually(async () => {
      expect(await cloud.things(name)).to.have.length(1);
      expect(cloud.made(name)).to.equal(2);
    }, CONVERGE_MS);
  }
});
