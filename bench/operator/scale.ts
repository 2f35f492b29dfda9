import { PodPlayer } from '../../test/support/pods/pod-player.ts';
import { scriptedRunner } from '../../test/support/pods/scripted-runner.ts';
import { describeMachine, readLoad, type Section } from '../document.ts';
import { startBenchCluster, startBenchOperator } from './bench-cluster.ts';
import { inParallel } from './in-parallel.ts';
import { playWork } from './played-work.ts';
import { quantile } from './quantile.ts';
import { PLATFORM } from './open-project.ts';
import { Stage } from './stage.ts';
import { Timeline } from './timeline.ts';

const COUNT = 1_000;
const AT_ONCE = 24;
const WORK_MS = 1_000;

/** Many requests at once, with a stand-in for kubelet and scheduler: all else is real. */
export async function benchScale(count = COUNT): Promise<Section> {
  const cluster = await startBenchCluster();
  const { client, kubeconfig } = cluster;
  await startBenchOperator(cluster, { MAX_CONCURRENT_RUNS: String(AT_ONCE) });
  const start = scriptedRunner(playWork(WORK_MS));
  const player = new PodPlayer({ client, namespace: PLATFORM.runs, start });
  await player.start();
  const stage = await Stage.open(kubeconfig, 'scale');
  await stage.awaitClass();
  const loadBefore = readLoad();
  const measured = await measure(stage, count);
  await player.stop();
  return describe(count, measured, loadBefore);
}

interface Measured {
  appliedSeconds: number;
  halfSeconds: number;
  seconds: number;
}

async function measure(stage: Stage, count: number): Promise<Measured> {
  const names = Array.from({ length: count }, (_, index) => `scale-${index}`);
  const requests = await inParallel(names, 20, (name) => stage.build(name));
  const timeline = new Timeline(stage);
  await timeline.start();
  const begin = performance.now();
  for (const name of names) timeline.begin(name);
  await inParallel(requests, 20, (request) => stage.apply(request));
  const appliedSeconds = (performance.now() - begin) / 1_000;
  await timeline.reached(names, ['ready', 'secret'], 600_000);
  const seconds = (performance.now() - begin) / 1_000;
  await timeline.stop();
  const times = names.map((name) => timeline.at(name, 'ready') ?? Number.NaN);
  return { appliedSeconds, halfSeconds: quantile(times, 0.5) / 1_000, seconds };
}

function describe(count: number, measured: Measured, loadBefore: number): Section {
  const { appliedSeconds, halfSeconds, seconds } = measured;
  const workSeconds = ((count / AT_ONCE) * WORK_MS) / 1_000;
  return {
    title: 'Many requests',
    figures: [
      {
        what: `${count} requests with 1 s of work each, ${AT_ONCE} at a time: all Ready, with their Secrets`,
        measured: seconds,
        unit: ' s',
        goal: 90,
      },
    ],
    notes: [
      ...describeMachine(loadBefore),
      `The work alone, ${AT_ONCE} at a time, takes ${workSeconds.toFixed(1)} s. All were applied within ${appliedSeconds.toFixed(1)} s; half were Ready after ${halfSeconds.toFixed(1)} s.`,
      'Real: etcd, API server, controller manager (Jobs, garbage collection), the operator as its image has it, its run API over TLS, approvals, state, outputs, Secrets. Played: scheduler and kubelet, and the engine in the pod.',
    ],
  };
}
