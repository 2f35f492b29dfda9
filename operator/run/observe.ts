import type { ResourceRun } from '../../crds/resource-run.ts';
import { RESOURCE_REQUESTS } from '../../crds/resource-types.ts';
import { LABELS } from '../../crds/constants.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import { formatKey, keyOf } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { runOutcome } from '../request/runs.ts';
import type { RunReconcilerDeps } from './deps.ts';
import type { Job, Pod } from './objects.ts';
import type { RunObservation } from './observation.ts';
import { observeRefusal } from './observe-refusal.ts';

/** Reads everything that a decision about a run rests on; writes nothing. */
export async function observeRun(
  deps: RunReconcilerDeps,
  run: ResourceRun,
): Promise<RunObservation> {
  const key = keyOf(run);
  const hadJob = run.status?.jobName !== undefined;
  const job = await observeJob(deps, run, hadJob);
  // What ends with "the pod is gone" is not left to a cache.
  const isLost = hadJob && job === undefined && runOutcome(run) === 'unfinished';
  const pods = isLost ? await listPods(deps, run) : deps.caches.podsOf(run.metadata.name);
  return {
    run,
    job,
    request: await observeRequester(deps, run),
    pods,
    refusal: pods.length > 0 ? undefined : await observeRefusal(deps, run, job),
    isItsTurn: hadJob || deps.turns.mayBeNext(key),
    now: deps.clock.now(),
  };
}

async function observeJob(
  { caches, client }: RunReconcilerDeps,
  run: ResourceRun,
  hadJob: boolean,
): Promise<Job | undefined> {
  const cached = caches.jobs.get(keyOf(run));
  if (cached !== undefined || !hadJob || runOutcome(run) !== 'unfinished') return cached;
  return client.get<Job>(RESOURCE_TYPES.jobs, run.metadata);
}

async function observeRequester(
  { caches, client }: RunReconcilerDeps,
  { spec }: ResourceRun,
): Promise<RunObservation['request']> {
  const { namespace, name, uid } = spec.requestRef;
  const cached = caches.requests.get(formatKey({ namespace, name }));
  const found =
    cached?.metadata.uid === uid
      ? cached
      : await client.get<ResourceRequest>(RESOURCE_REQUESTS, { namespace, name });
  if (found?.metadata.uid !== uid) return 'gone';
  return found.metadata.deletionTimestamp === undefined ? 'present' : 'deleting';
}

function listPods({ client, runsNamespace }: RunReconcilerDeps, run: ResourceRun): Promise<Pod[]> {
  return client.list<Pod>(RESOURCE_TYPES.pods, {
    namespace: runsNamespace,
    labelSelector: `${LABELS.run}=${run.metadata.name}`,
  });
}
