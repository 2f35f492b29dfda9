import type { Failure } from '../../crds/failure.ts';
import type { ContainerState, Job, Pod } from './objects.ts';

/** Reason of a run whose Job gets no pod from the API server. */
export const POD_REFUSED = 'PodRefused';
/** Signals as exit codes: 128 + 9 and 128 + 15. */
const KILLED_EXIT_CODES = [137, 143];
/** What every container says for a moment. */
const ORDINARY_WAITS = ['ContainerCreating', 'PodInitializing'];
/** Reasons of a pod that ended for the node's sake. */
const DISRUPTIONS = ['Evicted', 'Preempting', 'NodeLost', 'NodeShutdown', 'Terminated', 'Shutdown'];

/** Evidence about a run that ended without a report. */
interface Remains {
  /** Undefined when somebody deleted it. */
  job: Job | undefined;
  /** Undefined when it is gone as well. */
  pod: Pod | undefined;
  terminated: ContainerState['terminated'];
}

/** What each piece of evidence means; the first that is there decides. */
const EXPLANATIONS: readonly ((remains: Remains) => Failure | undefined)[] = [
  hasPassedDeadline,
  wasOutOfMemory,
  wasDeleted,
  wasDisrupted,
  wasKilled,
];

/** Why a run ended that never reported: from what the kubelet and the Job controller say. */
export function classifyUnreportedEnd(job: Job | undefined, pod: Pod | undefined): Failure {
  const remains = { job, pod, terminated: containerState(pod)?.terminated };
  for (const explain of EXPLANATIONS) {
    const failure = explain(remains);
    if (failure) return failure;
  }
  const exit = describeExit(remains.terminated);
  return { type: 'Internal', message: `The runner ended without a report (${exit}).` };
}

/** What keeps a pod from starting, where that is more than time. */
export function findStartProblem(
  pod: Pod | undefined,
): { reason: string; message: string } | undefined {
  const { reason = 'PodInitializing', message = '' } = containerState(pod)?.waiting ?? {};
  if (!ORDINARY_WAITS.includes(reason)) return { reason, message };
  const scheduled = findPodCondition(pod, 'PodScheduled');
  return scheduled?.status === 'False'
    ? { reason: scheduled.reason ?? 'Unschedulable', message: scheduled.message ?? '' }
    : undefined;
}

/** Whether nothing of the pod runs any more. */
export function hasPodEnded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Whether the Job controller has finished with a Job, so that no further pod can come. */
export function hasJobEnded(job: Job): boolean {
  return ['Complete', 'Failed'].some((wanted) =>
    job.status?.conditions?.some(({ type, status }) => type === wanted && status === 'True'),
  );
}

function hasPassedDeadline({ job, pod }: Remains): Failure | undefined {
  const failed = job?.status?.conditions?.find(
    ({ type, status }) => type === 'Failed' && status === 'True',
  );
  const reasons = [pod?.status?.reason, failed?.reason];
  return reasons.includes('DeadlineExceeded')
    ? { type: 'DeadlineExceeded', message: 'The run took longer than its Job may.' }
    : undefined;
}

function wasOutOfMemory({ terminated }: Remains): Failure | undefined {
  return terminated?.reason === 'OOMKilled'
    ? { type: 'OutOfMemory', message: 'The runner needed more memory than its limit.' }
    : undefined;
}

function wasDeleted({ job, pod }: Remains): Failure | undefined {
  if (job === undefined) return interrupted('The Job was deleted while it ran.');
  return pod === undefined ? interrupted('The pod was deleted while it ran.') : undefined;
}

function wasDisrupted({ pod }: Remains): Failure | undefined {
  const { reason = '' } = pod?.status ?? {};
  const isDisrupted =
    DISRUPTIONS.includes(reason) || findPodCondition(pod, 'DisruptionTarget')?.status === 'True';
  return isDisrupted ? interrupted(`The pod was ended by its node (${reason}).`) : undefined;
}

function wasKilled({ terminated }: Remains): Failure | undefined {
  return terminated && KILLED_EXIT_CODES.includes(terminated.exitCode)
    ? interrupted(`The runner was killed (exit code ${terminated.exitCode}).`)
    : undefined;
}

function findPodCondition(
  pod: Pod | undefined,
  type: string,
): { status: string; reason?: string; message?: string } | undefined {
  return pod?.status?.conditions?.find((condition) => condition.type === type);
}

function containerState(pod: Pod | undefined): ContainerState | undefined {
  return pod?.status?.containerStatuses?.[0]?.state;
}

function describeExit(terminated: ContainerState['terminated']): string {
  if (terminated === undefined) return 'no exit code';
  const reason = terminated.reason === undefined ? '' : `, ${terminated.reason}`;
  return `exit code ${terminated.exitCode}${reason}`;
}

function interrupted(message: string): Failure {
  return { type: 'Interrupted', message };
}
