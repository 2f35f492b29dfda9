import type { Pod } from '../../../operator/run/objects.ts';
import { podSpec, type ContainerEnd } from './pod-program.ts';

/** The status of a pod whose container runs. */
export function runningStatus(pod: Pod): object {
  const startedAt = new Date().toISOString();
  return {
    phase: 'Running',
    startTime: startedAt,
    containerStatuses: [containerStatus(pod, { running: { startedAt } })],
  };
}

/** The status of a pod whose container has ended. */
export function endedStatus(pod: Pod, end: ContainerEnd): object {
  const { exitCode, reason = exitCode === 0 ? 'Completed' : 'Error' } = end;
  const finishedAt = new Date().toISOString();
  return {
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [containerStatus(pod, { terminated: { exitCode, reason, finishedAt } })],
  };
}

function containerStatus(pod: Pod, state: object): object {
  const { name = 'runner', image = '' } = podSpec(pod).containers[0] ?? {};
  return { name, image, imageID: image, ready: 'running' in state, restartCount: 0, state };
}
