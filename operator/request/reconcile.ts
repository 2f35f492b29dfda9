import { RESOURCE_REQUESTS } from '../../crds/resource-types.ts';
import type { ResourceRequest, ResourceRequestStatus } from '../../crds/resource-request.ts';
import type { ReconcileResult } from '../controller/outcome.ts';
import { writeStatus } from '../write-status.ts';
import { actOnRequest } from './act.ts';
import { requeueAfter } from './decide-requeue.ts';
import { decideRequest } from './decide.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestReconcilerDeps } from './deps.ts';
import { noticesBetween } from './events.ts';
import type { RequestObservation } from './observation.ts';
import { observationAfter, type StepOutcome } from './observation-after.ts';
import { observeRequest } from './observe.ts';
import { isSameStatus, requestStatus } from './status.ts';

/**
 * The reconcile function of ResourceRequests: observe, decide, act, say so in the status. A step whose
 * outcome is known is followed by the next one without another look.
 *
 * @returns a function from `namespace/name`
 */
export function createRequestReconciler(
  deps: RequestReconcilerDeps,
): (key: string) => Promise<ReconcileResult> {
  return async (key) => {
    const request = deps.caches.requests.get(key);
    if (request === undefined) return {};
    return takeSteps(deps, request, await observeRequest(deps, request));
  };
}

/** @param standing the request as it stands, which what was observed may correct */
async function takeSteps(
  deps: RequestReconcilerDeps,
  standing: ResourceRequest,
  observation: RequestObservation,
): Promise<ReconcileResult> {
  const decision = decideRequest(observation);
  const outcome = await actOrRecord(deps, standing, observation, decision);
  const written = await reportStatus(deps, standing, requestStatus(observation, decision));
  const next = observationAfter(observation, decision, { ...outcome, written });
  if (next !== undefined) return takeSteps(deps, written ?? standing, next);
  return { requeueAfterMs: requeueAfter(observation, decision) };
}

/** Where a step fails, what was applied before it is written down all the same. */
async function actOrRecord(
  deps: RequestReconcilerDeps,
  standing: ResourceRequest,
  observation: RequestObservation,
  decision: RequestDecision,
): Promise<StepOutcome> {
  try {
    return await actOnRequest(deps, observation, decision);
  } catch (error) {
    const { unrecorded: run } = observation;
    if (run !== undefined) {
      const recorded = { kind: 'record-run', run, failure: undefined } as const;
      await reportStatus(deps, standing, requestStatus(observation, recorded));
    }
    throw error;
  }
}

/**
 * Against what stands there, not against what was observed in its place.
 *
 * @returns what stands there then; undefined if there was nothing to say
 */
async function reportStatus(
  deps: RequestReconcilerDeps,
  request: ResourceRequest,
  status: ResourceRequestStatus | undefined,
): Promise<ResourceRequest | undefined> {
  if (status === undefined || isSameStatus(request.status, status)) return undefined;
  const written = await writeStatus(deps.client, RESOURCE_REQUESTS, request, status);
  deps.caches.requests.record(written);
  for (const notice of noticesBetween(request.status, status)) deps.events.record(request, notice);
  return written;
}
