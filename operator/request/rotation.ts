import { ANNOTATIONS } from '../../crds/constants.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';

/**
 * The rotation that a request asks for (annotation rotate-at), if it is time for it. A time in the
 * future is waited for; every other text means now.
 */
export function dueRotation(request: ResourceRequest, now: Date): string | undefined {
  const wish = wishOf(request);
  return wish === undefined || Date.parse(wish) > now.getTime() ? undefined : wish;
}

/** When the rotation that a request asks for is due, in milliseconds, if that is to come. */
export function untilRotation(request: ResourceRequest, now: Date): number | undefined {
  const left = Date.parse(wishOf(request) ?? '') - now.getTime();
  return left > 0 ? left : undefined;
}

/** The rotation that a run was made for. */
export function runRotation(run: ResourceRun): string | undefined {
  return run.metadata.annotations?.[OPERATOR_ANNOTATIONS.rotation];
}

function wishOf({ metadata }: ResourceRequest): string | undefined {
  return metadata.annotations?.[ANNOTATIONS.rotateAt];
}
