/**
 * Waits until the pod of the StatefulSet in STATEFUL_SET_PATH is the newest one and ready, for at
 * most TIMEOUT_SECONDS, and says at once if the pod in POD_PATH can never start.
 */
import { FinalFailure, readObject, run, waitFor } from '../../support/kubernetes.js';

/** Reasons of a waiting container that do not pass by themselves. */
const hopeless = new Set(['InvalidImageName', 'ErrImageNeverPull']);

/** The rollout is over when the controller has seen this spec and its newest pod is ready. */
function isRolledOut({ metadata, spec, status }) {
  return (
    status?.observedGeneration >= metadata.generation &&
    status.updatedReplicas === spec.replicas &&
    status.readyReplicas === spec.replicas &&
    status.currentRevision === status.updateRevision
  );
}

/** @returns {{reason: string, message?: string} | undefined} why the first container that should does not run */
function findWaiting(pod) {
  const { initContainerStatuses = [], containerStatuses = [] } = pod?.status ?? {};
  const waiting = [...initContainerStatuses, ...containerStatuses].map(
    ({ state }) => state?.waiting,
  );
  return waiting.find((state) => state && state.reason !== 'PodInitializing') ?? waiting.at(-1);
}

/** The last known trouble, for the message of a timeout. */
function describe(pod) {
  const waiting = findWaiting(pod);
  const unscheduled = pod?.status?.conditions?.find(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  );
  return waiting?.message ?? waiting?.reason ?? unscheduled?.message ?? 'no reason is known';
}

await run(async ({ STATEFUL_SET_PATH, POD_PATH, TIMEOUT_SECONDS }) => {
  let pod = null;
  try {
    await waitFor('The database was not ready', Number(TIMEOUT_SECONDS), async () => {
      const statefulSet = await readObject(STATEFUL_SET_PATH);
      if (statefulSet !== null && isRolledOut(statefulSet)) return true;
      pod = await readObject(POD_PATH);
      const isHopeless = hopeless.has(findWaiting(pod)?.reason);
      if (isHopeless) throw new FinalFailure('The database cannot start');
      return null;
    });
  } catch (error) {
    throw new FinalFailure(`${error.message}: ${describe(pod)}`);
  }
});
