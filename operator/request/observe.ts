import { findCondition } from '../../crds/condition.ts';
import { FINALIZER, LABELS } from '../../crds/constants.ts';
import { RESOURCE_RUNS } from '../../crds/resource-types.ts';
import { resourceClassSpecSchema } from '../../crds/resource-class.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import type { RequestReconcilerDeps } from './deps.ts';
import { observeApproval } from './observe-approval.ts';
import type { ClassView, RequestObservation } from './observation.ts';
import { observeCredentials } from './observe-credentials.ts';
import { observeDeletion } from './observe-deletion.ts';
import { findAppliedRun, recordApplied } from './record-applied.ts';
import { hasTrueRecords, withTrueRecords } from './true-records.ts';

/** Reads everything that a decision about a request rests on; writes nothing. */
export async function observeRequest(
  deps: RequestReconcilerDeps,
  found: ResourceRequest,
): Promise<RequestObservation> {
  const runs = await observeRuns(deps, found);
  const now = deps.clock.now();
  const recorded = await observeRecords(deps, found, runs);
  const unrecorded = findAppliedRun(recorded, runs);
  const request = unrecorded === undefined ? recorded : withApplied(recorded, unrecorded, now);
  const seen: RequestObservation = {
    request,
    runs,
    unrecorded,
    resourceClass: observeClass(deps, request),
    approval: { kind: 'none' },
    credentials: { kind: 'not-provisioned' },
    publicOutputs: undefined,
    leftovers: [],
    now,
    jitter: deps.random(),
  };
  if (request.metadata.deletionTimestamp !== undefined) {
    return observeDeletion(deps, seen);
  }
  // Nothing is decided but that it gets one, and nothing is said.
  if (!request.metadata.finalizers?.includes(FINALIZER)) return seen;
  const [approved, credentials] = await Promise.all([
    observeApproval(deps, seen),
    observeCredentials(deps, request),
  ]);
  return { ...seen, ...approved, ...credentials };
}

/**
 * From memory, as long as only missing something is at stake: a run is made under a fixed name.
 * What ends with a deletion is read from the API server.
 */
async function observeRuns(
  { client, caches, runsNamespace }: RequestReconcilerDeps,
  request: ResourceRequest,
): Promise<ResourceRun[]> {
  const uid = request.metadata.uid ?? '';
  if (request.metadata.deletionTimestamp === undefined) return caches.runsOf(uid);
  return readRuns({ client, runsNamespace }, uid);
}

/** Only where memory speaks against the status, so that a look at the API server is rare. */
async function observeRecords(
  deps: RequestReconcilerDeps,
  request: ResourceRequest,
  runs: readonly ResourceRun[],
): Promise<ResourceRequest> {
  if (hasTrueRecords(request, runs)) return request;
  return withTrueRecords(request, await readRuns(deps, request.metadata.uid ?? ''));
}

/** What is applied is delivered and told in one go, so that nobody waits for a status in between. */
function withApplied(request: ResourceRequest, run: ResourceRun, now: Date): ResourceRequest {
  return { ...request, status: recordApplied(request.status ?? {}, run, now) };
}

function readRuns(
  { client, runsNamespace }: Pick<RequestReconcilerDeps, 'client' | 'runsNamespace'>,
  uid: string,
): Promise<ResourceRun[]> {
  return client.list<ResourceRun>(RESOURCE_RUNS, {
    namespace: runsNamespace,
    labelSelector: `${LABELS.requestUid}=${uid}`,
  });
}

function observeClass(
  { caches, parameters }: RequestReconcilerDeps,
  request: ResourceRequest,
): ClassView {
  const found = caches.classes.get(request.spec.className);
  if (found === undefined) return { kind: 'missing' };
  const ready = findCondition(found.status?.conditions, 'Ready');
  const { digest, revisionName, observedGeneration } = found.status ?? {};
  if (ready === undefined || observedGeneration !== found.metadata.generation) {
    return { kind: 'unchecked' };
  }
  const spec = resourceClassSpecSchema.safeParse(found.spec);
  if (ready.status !== 'True' || !spec.success || !digest || !revisionName) {
    return { kind: 'invalid', message: `The class cannot be used: ${ready.message}` };
  }
  const verdict = parameters.judge(
    { digest, schema: spec.data.parameters },
    request.spec.parameters,
  );
  return { kind: 'ready', digest, revisionName, spec: spec.data, parameters: verdict };
}
