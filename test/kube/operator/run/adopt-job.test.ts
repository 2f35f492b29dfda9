import { expect } from 'chai';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import type { Secret } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { actOnRun } from '../../../../operator/run/act.ts';
import type { RunReconcilerDeps } from '../../../../operator/run/deps.ts';
import type { RunObservation } from '../../../../operator/run/observation.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { RunWorld } from '../../../support/runs/run-world.ts';

describe('A Job whose maker ended before it was written down', () => {
  const cluster = useTestCluster();
  let world: RunWorld;
  let run: ResourceRun;

  before(async () => {
    world = await RunWorld.open(cluster.client, await cluster.createNamespace());
  });
  after(() => world.close());
  beforeEach(async () => {
    run = await world.createRun(await world.createRequest());
  });

  async function adopt(): Promise<void> {
    const issueRunAccess = (of: ResourceRun) => world.access.issueRunAccess(of);
    const deps = { client: world.client, issueRunAccess } as unknown as RunReconcilerDeps;
    const observation = { run, job: undefined } as unknown as RunObservation;
    expect(await actOnRun(deps, observation, { kind: 'adopt-job' })).to.deep.equal({
      kind: 'adopt-job',
    });
  }

  function readAccess(): Promise<Secret | undefined> {
    return world.client.get<Secret>(RESOURCE_TYPES.secrets, run.metadata);
  }

  it('keeps the Secret that its pod may have read', async () => {
    await adopt();
    const first = await readAccess();
    await adopt();
    expect((await readAccess())?.metadata.uid).to.equal(first?.metadata.uid);
  });

  it('gets the Secret that its pod waits for, which goes with the run', async () => {
    expect(await readAccess()).to.equal(undefined);
    await adopt();
    const access = await readAccess();
    expect(Object.keys(access?.data ?? {})).to.have.length(1);
    expect(access?.metadata.ownerReferences?.map(({ uid }) => uid)).to.deep.equal([
      run.metadata.uid,
    ]);
  });
});
