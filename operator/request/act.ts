import { FINALIZER } from '../../crds/constants.ts';
import { RESOURCE_REQUESTS, RESOURCE_RUNS } from '../../crds/resource-types.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { AlreadyExistsError, InvalidError, NotFoundError } from '../../lib/kube/errors.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import { mergeSecret } from '../credentials/compare-secret.ts';
import { readProject } from '../read-project.ts';
import { buildRun } from './build-run.ts';
import type { PlannedRun, RequestDecision } from './decision.ts';
import type { RequestReconcilerDeps } from './deps.ts';
import type { Leftover, RequestObservation } from './observation.ts';
import type { StepOutcome } from './observation-after.ts';
import { findPrunableRuns } from './runs.ts';

/** Decisions that leave time to put away what nobody needs. */
const TIDYING: readonly RequestDecision['kind'][] = ['idle', 'wait', 'failed'];

/** Does what was decided, except for the status: one or two writes each. */
export async function actOnRequest(
  deps: RequestReconcilerDeps,
  observation: RequestObservation,
  decision: RequestDecision,
): Promise<StepOutcome> {
  switch (decision.kind) {
    case 'bind-approval':
      return {
        boundTo: await deps.approvals.ledger.bind(decision.claims, uidOf(observation.request)),
      };
    case 'write-credentials':
      return { credentials: await writeSecret(deps, decision.desired, decision.actual) };
    default:
      await actWithoutOutcome(deps, observation, decision);
      return {};
  }
}

async function actWithoutOutcome(
  deps: RequestReconcilerDeps,
  observation: RequestObservation,
  decision: RequestDecision,
): Promise<void> {
  const { request } = observation;
  const { finalizers = [] } = request.metadata;
  switch (decision.kind) {
    case 'add-finalizer':
      deps.caches.requests.record(await writeFinalizers(deps, request, [...finalizers, FINALIZER]));
      return;
    case 'remove-finalizer':
      return removeFinalizer(deps, request);
    case 'create-run':
      return createRun(deps, observation, decision.run);
    case 'withdraw-check':
      return withdrawCheck(deps, decision.run);
    case 'delete-leftovers':
      return deleteLeftovers(deps, uidOf(request), decision.leftovers);
    default:
      // Everything else is said in the status only.
      if (TIDYING.includes(decision.kind)) await pruneRuns(deps, observation);
  }
}

function uidOf({ metadata }: ResourceRequest): string {
  return metadata.uid ?? '';
}

function writeFinalizers(
  { client }: RequestReconcilerDeps,
  request: ResourceRequest,
  finalizers: string[],
): Promise<ResourceRequest> {
  const { name, namespace, uid, resourceVersion } = request.metadata;
  return client.mergePatch<ResourceRequest>(
    RESOURCE_REQUESTS,
    { name, namespace },
    { metadata: { uid, resourceVersion, finalizers } },
  );
}

/**
 * Lets a request go. It may be gone at once, so what is answered is not remembered; and gone before,
 * where the last look was on a version that a slow watch had not replaced yet.
 */
async function removeFinalizer(
  deps: RequestReconcilerDeps,
  request: ResourceRequest,
): Promise<void> {
  const { finalizers = [] } = request.metadata;
  const others = finalizers.filter((finalizer) => finalizer !== FINALIZER);
  try {
    await writeFinalizers(deps, request, others);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}

/** The name carries the uid, class and inputs, so a run of that name is this run. */
async function createRun(
  deps: RequestReconcilerDeps,
  { request, project: seen }: RequestObservation,
  plan: PlannedRun,
): Promise<void> {
  const { client, caches, runsNamespace } = deps;
  const project = seen ?? (await readProject(client, request.metadata.namespace ?? ''));
  const run = buildRun(request, plan, { runsNamespace, project });
  try {
    caches.runs.record(await client.create<ResourceRun>(RESOURCE_RUNS, run));
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
    const existing = await client.get<ResourceRun>(RESOURCE_RUNS, run.metadata);
    if (existing?.spec.requestRef.uid !== request.metadata.uid) throw error;
    if (existing !== undefined) caches.runs.record(existing);
  }
}

/** The run controller ends it, unless it has begun meanwhile. */
async function withdrawCheck(
  { client, caches, clock }: RequestReconcilerDeps,
  { metadata }: ResourceRun,
): Promise<void> {
  const { name, namespace, uid } = metadata;
  const annotations = { [OPERATOR_ANNOTATIONS.withdrawn]: clock.now().toISOString() };
  const patch = { metadata: { uid, annotations } };
  caches.runs.record(
    await client.mergePatch<ResourceRun>(RESOURCE_RUNS, { name, namespace }, patch),
  );
}

/**
 * What the API server will not change (the type, an immutable Secret) is made anew, after another look.
 *
 * @returns its name; undefined if it is not there yet
 */
async function writeSecret(
  { client }: RequestReconcilerDeps,
  desired: Secret,
  actual: Secret | undefined,
): Promise<string | undefined> {
  const { name } = desired.metadata;
  try {
    if (actual === undefined) await client.create(RESOURCE_TYPES.secrets, desired);
    else await client.replace(RESOURCE_TYPES.secrets, mergeSecret(desired, actual));
    return name;
  } catch (error) {
    if (actual === undefined || !(error instanceof InvalidError)) throw error;
    await client.delete(RESOURCE_TYPES.secrets, actual.metadata, { uid: actual.metadata.uid });
    return undefined;
  }
}

/** In their order, one after the other; see there for why. */
async function deleteLeftovers(
  { client, stores }: RequestReconcilerDeps,
  requestUid: string,
  leftovers: readonly Leftover[],
): Promise<void> {
  await stores.removeAll(requestUid);
  for (const { type, object } of leftovers) {
    await client.delete(type, object.metadata, { uid: object.metadata.uid });
  }
}

async function pruneRuns(
  { client }: RequestReconcilerDeps,
  { request, runs }: RequestObservation,
): Promise<void> {
  const { applied, run } = request.status ?? {};
  for (const { metadata } of findPrunableRuns(runs, [applied?.run, run?.name])) {
    await client.delete(RESOURCE_RUNS, metadata, { uid: metadata.uid });
  }
}
