import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';

/** What came of a step. */
export interface StepOutcome {
  /** Uid of the resource that the approval is bound to. */
  boundTo?: string | undefined;
  /** Name of the Secret that holds the credentials now. */
  credentials?: string | undefined;
}

/**
 * What another look would show after a step that came out as it should. A look takes several calls, and
 * whoever waits for a request waits for each of them.
 *
 * @param written the request with the status that the step has left; undefined if it left none
 * @returns undefined where only a look tells
 */
export function observationAfter(
  observation: RequestObservation,
  decision: RequestDecision,
  { boundTo, credentials, written }: StepOutcome & { written: ResourceRequest | undefined },
): RequestObservation | undefined {
  const { approval } = observation;
  switch (decision.kind) {
    case 'bind-approval':
      if (approval.kind !== 'signed' || boundTo === undefined) return undefined;
      return { ...observation, approval: { ...approval, usedBy: boundTo } };
    case 'intend-run':
      // Written on what was observed, or not at all: nothing has been edited in between.
      if (written === undefined) return undefined;
      return { ...observation, request: written, unrecorded: undefined };
    case 'write-credentials':
      if (credentials === undefined) return undefined;
      return { ...observation, credentials: { kind: 'current', name: credentials } };
    default:
      return undefined;
  }
}
