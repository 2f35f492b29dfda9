import { RESOURCE_REQUESTS } from '../../crds/resource-types.ts';
import type { ResourceRequest, ResourceRequestStatus } from '../../crds/resource-request.ts';
import type { ReconcileResult } from '../controller/outcome.ts';
import { writeStatus } from '../write-status.ts';
import { actOnRequest } from './act.ts';
import { requeueAfter } from './decide-requeue.ts';
import { decideRequest } from './decide.ts';
import type { RequestReconcilerDeps } from './deps.ts';
import { noticesBetween } from './events.ts';
import { observeRequest } from './observe.ts';
import { isSameStatus, requestStatus } from './status.ts';

/**
 * The reconcile function of ResourceRequests: observe, decide, act, say so in the status.
 *
 * @returns a function from `namespace/name`
 */
export function createRequestReconciler(
  deps: RequestReconcilerDeps,
): (key: string) => Promise<ReconcileResult> {
  return async (key) => {
    const request = deps.caches.requests.get(key);
    if (request === undefined) return {};
    const observation = await observeRequest(deps, request);
    const decision = decideRequest(observation);
    await actOnRequest(deps, observation, decision);
    await reportStatus(deps, request, requestStatus(observation, decision));
    return { requeueAfterMs: requeueAfter(observation, decision) };
  };
}

/** Against what stands there, not against what was observed in its place. */
async function reportStatus(
  deps: RequestReconcilerDeps,
  request: ResourceRequest,
  status: ResourceRequestStatus | undefined,
): Promise<void> {
  if (status === undefined || isSameStatus(request.status, status)) return;
  const written = await writeStatus(deps.client, RESOURCE_REQUESTS, request, status);
  deps.caches.requests.record(written);
  for (const notice of noticesBetween(request.status, status)) deps.events.record(request, notice);
}
