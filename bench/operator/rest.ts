import type { ResourceClass } from '../../crds/resource-class.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { RESOURCE_CLASSES, RESOURCE_REQUESTS, RESOURCE_RUNS } from '../../crds/resource-types.ts';
import { startTestSession } from '../../dev/testing/test-session.ts';
import { systemClock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { openStores, type Stores } from '../../operator/state/stores.ts';
import { PodPlayer } from '../../test/support/pods/pod-player.ts';
import { scriptedRunner } from '../../test/support/pods/scripted-runner.ts';
import { describeMachine, readLoad, type Section } from '../document.ts';
import {
  startBenchCluster,
  startBenchOperator,
  type BenchCluster,
  type BenchOperator,
} from './bench-cluster.ts';
import { inParallel } from './in-parallel.ts';
import { openProject, PLATFORM } from './open-project.ts';
import { awaitVisits, readMemory, readVisits } from './operator-metrics.ts';
import { playWork } from './played-work.ts';
import { seedRequest, type Template } from './seed-requests.ts';
import { Stage } from './stage.ts';
import { Timeline } from './timeline.ts';

const COUNT = 10_000;
const PROJECTS = 100;

/** What was measured on an operator that has nothing to do. */
interface Measured {
  readySeconds: number;
  firstLookSeconds: number;
  resyncSeconds: number;
  memory: { now: number; peak: number };
  written: number;
}

/** Ten thousand requests at rest: how soon the operator knows them, and what they cost it. */
export async function benchRest(count = COUNT): Promise<Section> {
  const cluster = await startBenchCluster();
  const stage = await Stage.open(cluster.kubeconfig, 'rest');
  const stores = await openStores({
    client: cluster.client,
    namespace: PLATFORM.runs,
    clock: systemClock,
  });
  const template = await makeTemplate(cluster, stage, stores);
  await seed(cluster.client, stage, { stores, template, count });
  // Whatever the seed did not quite hit is put right before it counts.
  const settling = await startBenchOperator(cluster);
  await awaitVisits(settling, count);
  await startTestSession().supervisor.stop(settling.process);
  const loadBefore = readLoad();
  return describe(count, await measure(cluster, count), loadBefore);
}

/** A request that the operator itself made ready. */
async function makeTemplate(
  cluster: BenchCluster,
  stage: Stage,
  stores: Pick<Stores, 'outputs'>,
): Promise<Template> {
  const { client } = cluster;
  const operator = await startBenchOperator(cluster);
  const start = scriptedRunner(playWork(0));
  const player = new PodPlayer({ client, namespace: PLATFORM.runs, start });
  await player.start();
  const timeline = new Timeline(stage);
  await timeline.start();
  timeline.begin('template');
  await stage.awaitClass();
  await stage.apply(await stage.build('template'));
  await timeline.reached(['template'], ['ready', 'secret']);
  await Promise.all([timeline.stop(), player.stop()]);
  await startTestSession().supervisor.stop(operator.process);
  const key = { namespace: stage.namespace, name: 'template' };
  const request = await client.get<ResourceRequest>(RESOURCE_REQUESTS, key);
  const run = await client.get<ResourceRun>(RESOURCE_RUNS, {
    namespace: PLATFORM.runs,
    name: request?.status?.applied?.run ?? '',
  });
  const outputs = await stores.outputs.readAll(request?.metadata.uid ?? '');
  if (!request || !run || !outputs) throw new Error('the template did not become ready');
  return { request, run, outputs };
}

async function seed(
  client: KubeClient,
  stage: Stage,
  { stores, template, count }: { stores: Stores; template: Template; count: number },
): Promise<void> {
  const projects = Array.from({ length: PROJECTS }, (_, index) => `rest-${index}`);
  const namespaces = await inParallel(projects, 10, (slug) => openProject(client, slug));
  await inParallel(Array.from({ length: count }), 60, async (_, index) => {
    const namespace = namespaces[index % PROJECTS] ?? '';
    const name = `request-${Math.floor(index / PROJECTS)}`;
    await seedRequest({ client, stage, stores, template }, { namespace, name });
  });
}

async function measure(cluster: BenchCluster, count: number): Promise<Measured> {
  const before = await readVersions(cluster.client);
  const operator = await startBenchOperator(cluster);
  await awaitVisits(operator, count);
  const firstLookSeconds = (performance.now() - operator.startedAt) / 1_000;
  const resyncSeconds = await measureResync(cluster.client, operator, count);
  const memory = readMemory(operator);
  await startTestSession().supervisor.stop(operator.process);
  const after = await readVersions(cluster.client);
  const written = [...after].filter(([key, version]) => before.get(key) !== version).length;
  return {
    readySeconds: operator.readyMs / 1_000,
    firstLookSeconds,
    resyncSeconds,
    memory,
    written,
  };
}

/** Another description of the class changes nothing, and makes every request be looked at again. */
async function measureResync(
  client: KubeClient,
  operator: BenchOperator,
  count: number,
): Promise<number> {
  const { visits } = await readVisits(operator);
  const begin = performance.now();
  await client.mergePatch<ResourceClass>(
    RESOURCE_CLASSES,
    { name: 'trivial' },
    { spec: { description: 'Says something else, and is the same.' } },
  );
  await awaitVisits(operator, visits + count);
  return (performance.now() - begin) / 1_000;
}

async function readVersions(client: KubeClient): Promise<Map<string, string | undefined>> {
  const requests = await client.list<ResourceRequest>(RESOURCE_REQUESTS);
  return new Map(
    requests.map(({ metadata }) => [
      `${metadata.namespace}/${metadata.name}`,
      metadata.resourceVersion,
    ]),
  );
}

function describe(count: number, measured: Measured, loadBefore: number): Section {
  const { readySeconds, firstLookSeconds, resyncSeconds, memory, written } = measured;
  return {
    title: 'Requests at rest',
    figures: [
      {
        what: `${count} requests at rest: from the start of the operator to all of them in its caches, and ready`,
        measured: readySeconds,
        unit: ' s',
        goal: 5,
      },
      {
        what: '… and every one looked at once, with its outputs opened and its Secret compared',
        measured: firstLookSeconds,
        unit: ' s',
      },
      {
        what: 'a look at all of them again that changes nothing',
        measured: resyncSeconds,
        unit: ' s',
        goal: 30,
      },
      {
        what: 'memory of the operator after that (RSS)',
        measured: memory.now,
        unit: ' MB',
        goal: 300,
      },
      { what: '… at its most', measured: memory.peak, unit: ' MB' },
    ],
    notes: [
      ...describeMachine(loadBefore),
      `${count} requests of ${PROJECTS} projects, each with its run, its sealed outputs and its Secret; real etcd and API server, the operator compiled as its image has it.`,
      `Requests that were written meanwhile, although there was nothing to do: ${written}.`,
    ],
  };
}
