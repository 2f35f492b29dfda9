import type { ResourceRun } from '../../crds/resource-run.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import type { ResourceType } from '../../lib/kube/resource-types.ts';
import { runOutcome } from '../request/runs.ts';
import { hasJobEnded, POD_REFUSED } from './classify-end.ts';
import type { RunReconcilerDeps } from './deps.ts';
import type { Job } from './objects.ts';
import type { StartProblem } from './observation.ts';

/** The Job controller writes events of the older API. */
const CORE_EVENTS: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};
/** Reason of the event when the API server takes no pod: a quota is used up, or a policy forbids it. */
const FAILED_CREATE = 'FailedCreate';
/** A pod is there sooner, where nothing is wrong. */
const PATIENCE_MS = 2_000;

/** The part of a core/v1 Event that is read here. */
interface CoreEvent extends KubeObject {
  message?: string | undefined;
}

/** Why a Job gets no pod, in the words of the API server; undefined while nobody has said so. */
export async function observeRefusal(
  { client, clock, runsNamespace: namespace }: RunReconcilerDeps,
  run: ResourceRun,
  job: Job | undefined,
): Promise<StartProblem | undefined> {
  if (job === undefined || hasJobEnded(job) || runOutcome(run) !== 'unfinished') return undefined;
  const startedAt = Date.parse(run.status?.startedAt ?? '');
  if (!(clock.now().getTime() - startedAt > PATIENCE_MS)) return undefined;
  const fieldSelector = `involvedObject.uid=${job.metadata.uid ?? ''},reason=${FAILED_CREATE}`;
  const events = await client.list<CoreEvent>(CORE_EVENTS, { namespace, fieldSelector });
  const message = events.at(-1)?.message;
  return message === undefined ? undefined : { reason: POD_REFUSED, message };
}
