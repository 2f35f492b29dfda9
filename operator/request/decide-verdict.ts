import { decideApproval, type ApprovalVerdict } from './decide-approval.ts';
import { currentInputs } from './decide-plan.ts';
import type { ClassView, RequestObservation } from './observation.ts';
import { appliedClassDigest } from './sync.ts';

type ReadyClass = Extract<ClassView, { kind: 'ready' }>;

/** Whether what the request asks for may be run with the class as it is offered now. */
export function verdictOn(
  observation: RequestObservation,
  resourceClass: ReadyClass,
): ApprovalVerdict {
  const { metadata } = observation.request;
  return decideApproval({
    evidence: observation.approval,
    rule: resourceClass.spec.approval,
    request: `${metadata.namespace ?? ''}/${metadata.name}`,
    requestUid: metadata.uid ?? '',
    classDigest: resourceClass.digest,
    inputsDigest: currentInputs(observation, resourceClass.digest),
    now: observation.now,
  });
}

/**
 * What came of an approval of the class as it is offered now, while an older one is applied;
 * undefined when nobody gave one. A class that needs no approvals moves nobody by itself either.
 */
export function upgradeVerdict(observation: RequestObservation): ApprovalVerdict | undefined {
  const { resourceClass, approval } = observation;
  if (resourceClass.kind !== 'ready' || approval.kind !== 'signed') return undefined;
  if (resourceClass.digest === appliedClassDigest(observation)) return undefined;
  if (approval.claims.class !== resourceClass.digest) return undefined;
  const verdict = verdictOn(observation, resourceClass);
  return verdict.kind === 'not-needed' ? undefined : verdict;
}
