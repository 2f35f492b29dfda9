import { expect } from 'chai';
import { findCondition } from '../../../crds/condition.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import type { Pod } from '../../../operator/run/objects.ts';
import { eventually } from '../../support/eventually.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { databaseClass, OperatorWorld } from '../../support/operator/operator-world.ts';
import { JobPlayer } from '../../support/pods/job-player.ts';
import { PodPlayer } from '../../support/pods/pod-player.ts';
import type { StartProgram } from '../../support/pods/pod-program.ts';
import { scriptedRunner, workFor } from '../../support/pods/scripted-runner.ts';

const outputs = { values: { password: 'pa55word-of-the-test', address: 'db' }, sensitive: [] };

describe('the stand-in for the kubelet', function () {
  this.timeout(100_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let className: string;
  let program: StartProgram;
  let pods: PodPlayer;
  let jobs: JobPlayer;

  before(async () => {
    world = await OperatorWorld.start(cluster);
    const { client, namespaces } = world;
    const place = { client, namespace: namespaces.runs };
    pods = new PodPlayer({ ...place, start: (task) => program(task) });
    jobs = new JobPlayer(place);
    await pods.start();
    await jobs.start();
    const created = await world.createClass('played', {
      ...databaseClass,
      approval: { mode: 'Automatic' },
    });
    className = created.metadata.name;
  });
  after(async () => {
    await jobs.stop();
    await pods.stop();
    await world.stop();
  });
  beforeEach(() => {
    program = scriptedRunner(workFor(100, { outcome: 'succeeded', outputs }));
  });

  function listPods(): Promise<Pod[]> {
    return world.client.list<Pod>(RESOURCE_TYPES.pods, { namespace: world.namespaces.runs });
  }

  async function awaitNoPods(): Promise<void> {
    await eventually(async () => expect(await listPods()).to.deep.equal([]));
  }

  function listRequests(): Promise<ResourceRequest[]> {
    const { project: namespace } = world.namespaces;
    return world.client.list<ResourceRequest>(RESOURCE_REQUESTS, { namespace });
  }

  it('takes many requests to Ready at once, and from there to nothing', async () => {
    const names = Array.from({ length: 24 }, (_, index) => `many-${index}`);
    await Promise.all(names.map((name) => world.createRequest(name, { className })));
    await eventually(async () => {
      const ready = (await listRequests()).map(({ status }) =>
        findCondition(status?.conditions, 'Ready'),
      );
      expect(ready.filter((condition) => condition?.status === 'True')).to.have.length(24);
    }, 40_000);
    await Promise.all(names.map((name) => world.delete(name)));
    await eventually(async () => expect(await listRequests()).to.deep.equal([]), 40_000);
    await awaitNoPods();
    expect([...pods.log.messages('error'), ...jobs.log.messages('error')]).to.deep.equal([]);
  });

  it('tells a pod that is deleted to stop, and lets it go when it has', async () => {
    const pod = await startLong('stopped');
    await world.client.delete(RESOURCE_TYPES.pods, pod.metadata);
    await awaitFailure('stopped', 'told to stop');
    await eventually(async () =>
      expect((await listPods()).map(({ metadata }) => metadata.uid)).not.to.include(
        pod.metadata.uid,
      ),
    );
  });

  it('shows a killed program as a kubelet would', async () => {
    const pod = await startLong('killed');
    pods.signal(pod.metadata.name, 'SIGKILL');
    await awaitFailure('killed', '137');
  });

  /** A request whose first run takes very long, and every other none; the pod of the first. */
  async function startLong(name: string): Promise<Pod> {
    program = scriptedRunner(workFor(60_000));
    await world.createRequest(name, { className });
    const pod = await eventually(async () => {
      const found = (await listPods()).find(({ metadata }) => metadata.name.startsWith(name));
      expect(pods.running).to.include(found?.metadata.name);
      return found!;
    });
    program = scriptedRunner(workFor(0, { outcome: 'succeeded', outputs }));
    return pod;
  }

  async function awaitFailure(name: string, text: string): Promise<void> {
    await eventually(async () => {
      const [first] = await world.runs(name);
      expect(first?.status?.failure?.type).to.equal('Interrupted');
      expect(first?.status?.failure?.message).to.include(text);
    }, 30_000);
  }
});
