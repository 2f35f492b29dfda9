import { quantile } from './quantile.ts';
import { Stage } from './stage.ts';
import { Timeline } from './timeline.ts';

const WARM_UP = 1;
const ROUNDS = 10;
const NAME = 'planned';

/**
 * Requests of a class that shows plans, one after the other: each is planned, and approved when the pod
 * that planned is gone, which takes the kubelet a moment; people take longer to read a plan. Nobody but a
 * user looks on: each further watch takes its part of the machine.
 *
 * @returns the median from the approval of the plan to Ready and Secret, in milliseconds
 */
export async function measurePlanned(kubeconfig: string): Promise<number> {
  const stage = await Stage.open(kubeconfig, 'planned', 'Required');
  await stage.awaitClass();
  const timeline = new Timeline(stage);
  await timeline.start();
  const times: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    times.push(await measureOne(stage, timeline));
  }
  await timeline.stop();
  return quantile(times.slice(WARM_UP), 0.5);
}

async function measureOne(stage: Stage, timeline: Timeline): Promise<number> {
  timeline.begin(NAME);
  await stage.apply(stage.buildUnapproved(NAME));
  await timeline.reached([NAME], ['planned']);
  await stage.awaitNoPods();
  const plan = await stage.readPlanDigest(NAME);
  const approved = await stage.build(NAME, {}, plan);
  timeline.begin(NAME);
  await stage.apply(approved);
  await timeline.reached([NAME], ['ready', 'secret']);
  const { ready = Number.NaN, secret = Number.NaN } = timeline.marksOf(NAME);
  timeline.begin(NAME);
  await stage.delete(NAME);
  await timeline.reached([NAME], ['gone']);
  return Math.max(ready, secret);
}
