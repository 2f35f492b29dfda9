import { expect } from 'chai';
import type { ResourceClass } from '../../../crds/resource-class.ts';
import { RESOURCE_CLASSES } from '../../../crds/resource-types.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import {
  crashSurvey,
  type CrashResult,
  type CrashSurvey,
} from '../../support/faults/crash-survey.ts';
import { FaultWorld } from '../../support/faults/fault-world.ts';
import { CONVERGE_MS, PHASES, thingClass } from '../../support/faults/life.ts';
import { seededRandom } from '../../support/faults/random.ts';
import { faultSettings, recordScenario } from '../../support/faults/reliability-report.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';

/** The short form takes one point of each phase, another each time; not every one comes in time. */
const SHORT_FORM = { killsPerPhase: 3, enough: 1 };

/** A full run takes long, and whoever watches wants to know how it goes. */
function tell({ phase, point, seconds, isReached, fault }: CrashResult): void {
  const came = isReached ? `${seconds.toFixed(1)} s` : 'not reached';
  const text = `${phase}: killed ${point.when} write ${point.at}: ${fault ?? came}`;
  if (faultSettings.isFull || fault !== undefined) process.stdout.write(`    ${text}\n`);
}

describe('SIGKILL of the operator', function () {
  this.timeout(faultSettings.isFull ? 60 * 60_000 : 5 * 60_000);
  const cluster = useTestCluster();
  let world: FaultWorld;
  let survey: CrashSurvey;

  before(async () => {
    world = await FaultWorld.start(cluster);
    await world.offerThings();
    const random = seededRandom(faultSettings.seed);
    const { isFull, killsPerPhase } = faultSettings;
    const extent = isFull ? { killsPerPhase } : SHORT_FORM;
    survey = await crashSurvey(world, { ...extent, random, onResult: tell });
  });
  after(() => world.stop());

  for (const phase of PHASES) {
    it(`before and after writes of ${phase} loses nothing, makes nothing twice, leaves nothing over`, () => {
      const results = survey.results.filter((result) => result.phase === phase);
      const reached = results.filter(({ isReached }) => isReached);
      const faults = results.filter(({ fault }) => fault !== undefined);
      recordScenario({
        scenario: `operator killed before and after writes of: ${phase}`,
        points: reached.length,
        seconds: Math.max(0, ...reached.map(({ seconds }) => seconds)),
        faults: faults.length,
      });
      expect(faults, JSON.stringify(faults, null, 1)).to.deep.equal([]);
      expect(reached.length).to.be.above(0);
      for (const { seconds } of reached) expect(seconds).to.be.below(CONVERGE_MS / 1000);
    });
  }

  it('leaves no lock, and no class revision but those of classes', async () => {
    const { client, namespaces } = world.world;
    const place = { namespace: namespaces.runs };
    const { status } = await world.world.createClass('last', { ...thingClass, title: 'Last' });
    const used = (await client.list<ResourceClass>(RESOURCE_CLASSES)).map(
      (resourceClass) => resourceClass.status?.revisionName,
    );
    const revisions = await client.list(RESOURCE_TYPES.controllerRevisions, place);
    expect(revisions.map(({ metadata }) => metadata.name)).to.include(status?.revisionName);
    expect(used).to.include.members(revisions.map(({ metadata }) => metadata.name));
    expect(await client.list(RESOURCE_TYPES.leases, place)).to.deep.equal([]);
  });

  it('is the only thing that ended it', () => {
    expect(survey.accidents).to.deep.equal([]);
  });
});
