import { findCondition } from '../../crds/condition.ts';
import { needsApproval } from '../../crds/preview.ts';
import { FINALIZER, LABELS } from '../../crds/constants.ts';
import { RESOURCE_RUNS } from '../../crds/resource-types.ts';
import { resourceClassSpecSchema } from '../../crds/resource-class.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { parseDuration } from '../../lib/duration.ts';
import { judgePlan } from '../state/judge-plan.ts';
import { bringsAnotherPlan } from './claimed-plan.ts';
import { currentInputs } from './decide-plan.ts';
import type { RequestReconcilerDeps } from './deps.ts';
import type {
  ApprovalEvidence,
  ApprovedPlan,
  ClassView,
  RequestObservation,
} from './observation.ts';
import { observeCredentials } from './observe-credentials.ts';
import { observeDeletion } from './observe-deletion.ts';
import { isRunAskedFor, lastRun } from './runs.ts';
import { appliedClassDigest, isInSync } from './sync.ts';
import { hasTrueRecords, withTrueRecords } from './true-records.ts';

/** Reads everything that a decision about a request rests on; writes nothing. */
export async function observeRequest(
  deps: RequestReconcilerDeps,
  found: ResourceRequest,
): Promise<RequestObservation> {
  const runs = await observeRuns(deps, found);
  const request = await observeRecords(deps, found, runs);
  const seen: RequestObservation = {
    request,
    runs,
    resourceClass: observeClass(deps, request),
    approval: { kind: 'none' },
    credentials: { kind: 'not-provisioned' },
    publicOutputs: undefined,
    leftovers: [],
    now: deps.clock.now(),
    jitter: deps.random(),
  };
  if (request.metadata.deletionTimestamp !== undefined) {
    return observeDeletion(deps, seen);
  }
  // Nothing is decided but that it gets one, and nothing is said.
  if (!request.metadata.finalizers?.includes(FINALIZER)) return seen;
  const approval = mayStartRun(seen) ? await observeApproval(deps, seen) : seen.approval;
  const approvedPlan = await observePlan(deps, { ...seen, approval });
  return { ...seen, approval, approvedPlan, ...(await observeCredentials(deps, request)) };
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

/** What runs as it was approved, with the class as it is now, needs no look at the approval. */
function mayStartRun(observation: RequestObservation): boolean {
  const { resourceClass, request, runs } = observation;
  if (resourceClass.kind !== 'ready' || !needsApproval(resourceClass.spec)) return false;
  if (!isInSync(observation) || isRunAskedFor(request, lastRun(runs))) return true;
  if (bringsAnotherPlan(observation)) return true;
  return resourceClass.digest !== appliedClassDigest(observation);
}

/** Who used it matters, and is looked up, only where the approval may start a run. */
async function observeApproval(
  { approvals }: RequestReconcilerDeps,
  observation: RequestObservation,
): Promise<ApprovalEvidence> {
  const { request, resourceClass } = observation;
  const signed = await approvals.keys.examine(request.spec.approval);
  if (signed.kind !== 'signed') return signed;
  const isForThisClass =
    resourceClass.kind === 'ready' && signed.claims.class === resourceClass.digest;
  if (!isForThisClass && isInSync(observation)) return { ...signed, usedBy: undefined };
  return { ...signed, usedBy: await approvals.ledger.findUser(signed.claims.jti) };
}

/** The plan that an approval is bound to, judged as it will be judged once more under the lock. */
async function observePlan(
  { stores }: RequestReconcilerDeps,
  observation: RequestObservation,
): Promise<ApprovedPlan | undefined> {
  const { approval, resourceClass, request, now } = observation;
  const planDigest = approval.kind === 'signed' ? approval.claims.plan : undefined;
  if (planDigest === undefined || resourceClass.kind !== 'ready') return undefined;
  const { name, namespace = '', uid = '' } = request.metadata;
  const { expiresAfter } = resourceClass.spec.approval;
  const problem = judgePlan(await stores.findPlan(planDigest), {
    request: { namespace, name },
    inputsDigest: currentInputs(observation, resourceClass.digest),
    classRevision: resourceClass.revisionName,
    stateVersion: await stores.readStateVersion(uid),
    lifetimeMs: expiresAfter === undefined ? Infinity : parseDuration(expiresAfter),
    now,
  });
  return { planDigest, problem };
}
