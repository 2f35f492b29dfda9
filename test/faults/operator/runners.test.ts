import path from 'node:path';
import { expect } from 'chai';
import { findCondition } from '../../../crds/condition.ts';
import type { ConfigMap } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { eventually } from '../../support/eventually.ts';
import { FaultWorld } from '../../support/faults/fault-world.ts';
import { CONVERGE_MS } from '../../support/faults/life.ts';
import { faultSettings, recordScenario } from '../../support/faults/reliability-report.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { realRunner } from '../../support/pods/real-runner.ts';
import { findTofu } from '../../support/runs/find-tofu.ts';
import { createProviderMirror, type ProviderMirror } from '../../support/runs/provider-mirror.ts';
import type { RunnerProcess } from '../../support/runs/runner-process.ts';

const MODULE = path.resolve(import.meta.dirname, '../../support/faults/modules/thing');

/** When a runner is killed: as soon as it has written this. */
const MOMENTS = [
  { phase: 'init', text: 'Initializing' },
  { phase: 'plan', text: 'Plan to create' },
  { phase: 'apply', text: "Provisioning with 'local-exec'" },
  { phase: 'state upload', text: 'terraform_data.pause: Creation complete' },
] as const;

const KILLS = MOMENTS.flatMap((moment) =>
  (['SIGTERM', 'SIGKILL'] as const).map((signal) => ({ ...moment, signal })),
);

describe('a real runner that is killed', function () {
  this.timeout(15 * 60_000);
  const cluster = useTestCluster();
  let mirror: ProviderMirror;
  let world: FaultWorld;
  let runners: RunnerProcess[] = [];
  let onStart: (runner: RunnerProcess, podName: string) => void = () => undefined;

  before(async () => {
    mirror = await createProviderMirror();
    const start = realRunner({
      tofu: await findTofu(),
      environment: { ...mirror.environment, KUBE_CONFIG_PATH: cluster.kubeconfig },
      onStart: (runner, podName) => onStart(runner, podName),
    });
    world = await FaultWorld.start(cluster, { start });
    const { metadata } = await world.world.createClass('real-thing', {
      title: 'Real thing',
      module: { source: MODULE },
      parameters: { type: 'object', additionalProperties: false, properties: {} },
      variables: { name: '${request.name}', namespace: world.world.namespaces.project },
      outputs: { public: ['id'] },
      approval: { mode: 'Automatic' },
    });
    world.className = metadata.name;
  });
  after(async () => {
    await world.stop();
    mirror.remove();
  });
  beforeEach(() => {
    runners = [];
  });

  // The short form interrupts where most can be lost, and so that nobody can save it.
  const isWorst = ({ phase, signal }: (typeof KILLS)[number]): boolean =>
    phase === 'apply' && signal === 'SIGKILL';
  for (const { phase, text, signal } of faultSettings.isFull ? KILLS : KILLS.filter(isWorst)) {
    it(`by ${signal} in ${phase} is Ready without a human, with one thing, applied by one at a time`, async () => {
      const name = `runner-${phase}-${signal}`.toLowerCase().replaceAll(' ', '-');
      const killed = Promise.withResolvers<number>();
      let [ended, overlaps] = [0, 0];
      onStart = (runner, podName) => {
        overlaps += runners.length - ended;
        runners.push(runner);
        void runner.exited.then(() => (ended += 1));
        if (runners.length > 1) return;
        runner.until(text).then(() => {
          world.pods.signal(podName, signal);
          killed.resolve(performance.now());
        }, killed.reject);
      };
      const { metadata } = await world.world.createRequest(name, { className: world.className });
      const since = await killed.promise;
      const failure = await awaitReady(name).then(
        () => undefined,
        (error: unknown) => error as Error,
      );
      const seconds = (performance.now() - since) / 1000;
      recordScenario({
        scenario: `real runner: ${signal} in ${phase}`,
        points: 1,
        seconds,
        faults: failure === undefined ? 0 : 1,
      });
      const said = runners.map((runner) => runner.output()).join('\n---\n');
      expect(overlaps, 'a runner began while another was at work').to.equal(0);
      expect(failure, `${failure?.message}\n${world.describe()}\n${said}`).to.equal(undefined);
      await world.world.delete(name);
      await eventually(async () => {
        expect(await world.world.findRequest(name)).to.equal(undefined);
        expect(await world.world.leftovers(metadata.uid ?? '')).to.deep.equal([]);
        expect(await findThings(name)).to.deep.equal([]);
      }, CONVERGE_MS);
    });
  }

  async function awaitReady(name: string): Promise<void> {
    await eventually(
      async () => {
        const { status } = await world.world.request(name);
        const ready = findCondition(status?.conditions, 'Ready');
        expect(ready?.status, JSON.stringify(status)).to.equal('True');
        expect(await findThings(name)).to.have.length(1);
      },
      CONVERGE_MS,
      100,
    );
  }

  async function findThings(name: string): Promise<ConfigMap[]> {
    const { project: namespace } = world.world.namespaces;
    const all = await world.world.client.list<ConfigMap>(RESOURCE_TYPES.configMaps, { namespace });
    return all.filter(({ metadata }) => metadata.name === `thing-${name}`);
  }
});
