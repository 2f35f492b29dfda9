import { startPlatform } from '../../dev/platform.ts';
import { sayOnTerminal } from '../../dev/processes/say.ts';
import { describeMachine, readLoad, type Figure, type Section } from '../document.ts';
import { inParallel } from './in-parallel.ts';
import { measureFloor, type Floor } from './floor.ts';
import { measurePlanned } from './planned.ts';
import { quantile } from './quantile.ts';
import { Stage } from './stage.ts';
import { Timeline, type Mark } from './timeline.ts';

const WARM_UP = 2;
const SINGLES = 15;
const AT_ONCE = 20;

/** What happens between one mark and the next, for people. */
const STEPS: readonly { until: Mark; what: string }[] = [
  { until: 'run', what: 'decided: finalizer, approval verified and bound, intention, run' },
  { until: 'job', what: 'Secret and Job made' },
  { until: 'scheduled', what: 'pod made and scheduled, by Kubernetes' },
  {
    until: 'claimed',
    what: 'volumes, sandbox and container, by the kubelet; the runner has claimed its run',
  },
  { until: 'state', what: 'init, plan, apply; the state is saved' },
  { until: 'reported', what: 'outputs read, sealed and kept, lock given back, result recorded' },
  { until: 'ready', what: 'Secret beside the application, Ready' },
];

/** How a request fared: milliseconds from its apply to each mark. */
type Marks = Partial<Record<Mark, number>>;

/** One request, and a few at once, on a real kubelet. */
export async function benchRequests(): Promise<Section> {
  const platform = await startPlatform({ temporary: true, say: sayOnTerminal });
  try {
    const stage = await Stage.open(platform.kubeconfig, 'requests');
    await stage.awaitClass();
    const timeline = new Timeline(stage);
    await timeline.start();
    await timeline.startInside();
    await measureSingles(stage, timeline, WARM_UP);
    const loadBefore = readLoad();
    const singles = await measureSingles(stage, timeline, SINGLES);
    await timeline.stop();
    const planned = await measurePlanned(platform.kubeconfig);
    const crowd = await measureCrowd(stage);
    const floor = await measureFloor(stage);
    return describe({ singles, planned, crowd, floor }, loadBefore);
  } finally {
    await platform.stop();
  }
}

/** One after the other, under one name: each is applied the moment its predecessor is gone. */
async function measureSingles(stage: Stage, timeline: Timeline, count: number): Promise<Marks[]> {
  const name = 'single';
  const results: Marks[] = [];
  for (let round = 0; round < count; round += 1) {
    const request = await stage.build(name);
    timeline.begin(name);
    await stage.apply(request);
    await timeline.reached([name], ['ready', 'secret']);
    const deletedAt = performance.now();
    const marks = timeline.marksOf(name);
    timeline.begin(name);
    await stage.delete(name);
    await timeline.reached([name], ['gone']);
    results.push({ ...marks, gone: performance.now() - deletedAt });
  }
  return results;
}

/** How long many took together, in milliseconds. */
interface Crowd {
  ready: number;
  gone: number;
}

async function measureCrowd(stage: Stage): Promise<Crowd> {
  const timeline = new Timeline(stage);
  await timeline.start();
  const names = Array.from({ length: AT_ONCE }, (_, index) => `crowd-${index}`);
  const requests = await inParallel(names, AT_ONCE, (name) => stage.build(name));
  const appliedAt = performance.now();
  for (const name of names) timeline.begin(name);
  await inParallel(requests, AT_ONCE, (request) => stage.apply(request));
  await timeline.reached(names, ['ready', 'secret']);
  const ready = performance.now() - appliedAt;
  const deletedAt = performance.now();
  for (const name of names) timeline.begin(name);
  await inParallel(names, AT_ONCE, (name) => stage.delete(name));
  await timeline.reached(names, ['gone']);
  const gone = performance.now() - deletedAt;
  await timeline.stop();
  return { ready, gone };
}

interface Measured {
  singles: readonly Marks[];
  /** From the approval of a plan to Ready and Secret, in milliseconds. */
  planned: number;
  crowd: Crowd;
  floor: Floor;
}

function describe({ singles, planned, crowd, floor }: Measured, loadBefore: number): Section {
  const median = (mark: Mark): number => medianOf(singles, (marks) => marks[mark]);
  const figures: Figure[] = [
    seconds(
      'one request with a trivial module, applied → Ready and Secret, median',
      median('ready'),
      1,
    ),
    ...STEPS.map((step, index) => ({
      what: `… ${step.what}`,
      measured: stepMedian(singles, STEPS[index - 1]?.until ?? 'applied', step.until),
      unit: ' ms' as const,
    })),
    seconds(
      'the slowest of them, each under the name of one that went a moment before',
      slowest(singles),
      2,
    ),
    seconds(
      'one request whose plan is approved, approval applied → Ready and Secret, median',
      planned,
      1,
    ),
    {
      what: 'the floor: a Job with a Secret and a folder, ordered → first act of its program',
      ...{ measured: floor.pod, unit: ' ms' },
    },
    {
      what: 'the floor: init, plan and apply of that module by the engine alone',
      ...{ measured: floor.engine, unit: ' ms' },
    },
    seconds('one deleted → destroyed and gone, median', median('gone')),
    seconds(`${AT_ONCE} at once → all Ready`, crowd.ready, 5),
    seconds(`all ${AT_ONCE} deleted → destroyed and gone`, crowd.gone, 6),
  ];
  return {
    title: 'One request',
    figures,
    notes: [
      ...describeMachine(loadBefore),
      `Real: Kubernetes with kubelet and containerd, the image, OpenTofu; api and operator from source. ${SINGLES} requests one after the other, ${WARM_UP} before them uncounted; each with a signed approval.`,
      'The steps overlap in what their watchers see, so their medians do not add up exactly.',
      'The kubelet looks whether volumes are mounted at once and then every 300 ms: a pod with any volume waits that long.',
    ],
  };
}

function stepMedian(singles: readonly Marks[], from: Mark, until: Mark): number {
  return medianOf(singles, (marks) => (marks[until] ?? Number.NaN) - (marks[from] ?? Number.NaN));
}

function slowest(singles: readonly Marks[]): number {
  return Math.max(...singles.map(({ ready = Number.NaN }) => ready));
}

function medianOf(singles: readonly Marks[], pick: (marks: Marks) => number | undefined): number {
  return quantile(
    singles.map((marks) => pick(marks) ?? Number.NaN),
    0.5,
  );
}

function seconds(what: string, milliseconds: number, goal?: number): Figure {
  return { what, measured: milliseconds / 1_000, unit: ' s', goal };
}
