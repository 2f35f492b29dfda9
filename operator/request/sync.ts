import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import { currentInputs } from './decide-plan.ts';
import type { RequestObservation } from './observation.ts';

/** The run that made what is there now; always kept. */
export function appliedRun(
  request: ResourceRequest,
  runs: readonly ResourceRun[],
): ResourceRun | undefined {
  const name = request.status?.applied?.run;
  return name === undefined ? undefined : runs.find((run) => run.metadata.name === name);
}

/** Digest of the class that is applied. */
export function appliedClassDigest(observation: RequestObservation): string | undefined {
  return appliedRun(observation.request, observation.runs)?.metadata.annotations?.[
    OPERATOR_ANNOTATIONS.classDigest
  ];
}

/**
 * Whether what is asked for is what was applied last, with the class it was approved with. After a
 * failed change nobody knows what is there, so that does not count.
 */
export function isInSync(observation: RequestObservation): boolean {
  const { applied, failure } = observation.request.status ?? {};
  const classDigest = appliedClassDigest(observation);
  if (applied === undefined || failure !== undefined || classDigest === undefined) return false;
  return applied.inputsDigest === currentInputs(observation, classDigest);
}

/** Whether something stands and was not left half changed by a failed run. */
export function isServing({ request }: RequestObservation): boolean {
  return request.status?.applied !== undefined && request.status.failure === undefined;
}
