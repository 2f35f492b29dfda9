import type { ApprovalClaims } from '../../crds/approval.ts';
import { needsApproval } from '../../crds/preview.ts';
import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import { parseDuration } from '../../lib/duration.ts';
import type { WaitingReason } from './decision.ts';
import type { ApprovalEvidence } from './observation.ts';

const AWAITING =
  'Waits for an approval: nothing is started before somebody who may approve it says yes.';

const AWAITING_DELETION =
  'Its deletion waits for an approval: nothing is destroyed before somebody who may approve that says yes.';

/** How far the clocks of api and operator may be apart. */
const CLOCK_SKEW_MS = 60_000;

/** What an approval has to fit. */
export interface ApprovalQuestion {
  evidence: ApprovalEvidence;
  /** `approval` of the class; nothing that a tenant writes decides whether one is needed. */
  rule: ResourceClassSpec['approval'];
  /** `<namespace>/<name>` */
  request: string;
  requestUid: string;
  classDigest: string;
  inputsDigest: string;
  now: Date;
}

/** What an approval of a deletion has to fit; the class of now says nothing about what was applied. */
export type DeletionQuestion = Omit<ApprovalQuestion, 'classDigest'>;

/** The answer. */
export type ApprovalVerdict =
  | { kind: 'not-needed' }
  | { kind: 'approved'; claims: ApprovalClaims; isBound: boolean }
  | { kind: 'refused'; reason: WaitingReason; message: string };

type Refusal = Omit<Extract<ApprovalVerdict, { kind: 'refused' }>, 'kind'>;
type ClaimsCheck<Q> = (claims: ApprovalClaims, question: Q) => Refusal | undefined;

/** Reads as the rules do: who it is for, who used it, what it is for, until when. */
const CLAIMS_CHECKS: readonly ClaimsCheck<ApprovalQuestion>[] = [
  isForAnotherRequest,
  isFromTheFuture,
  isForAnotherClass,
  isForOtherInputs,
  isExpired,
];

/** An approval of an apply is none of a deletion: it neither fits nor is it wrong. */
const DELETION_CHECKS: readonly ClaimsCheck<DeletionQuestion>[] = [
  isForAnotherRequest,
  isFromTheFuture,
  isForNoDeletion,
  isExpired,
];

/** Whether a run with these inputs may start. */
export function decideApproval(question: ApprovalQuestion): ApprovalVerdict {
  const { evidence, rule } = question;
  if (!needsApproval({ approval: rule })) return { kind: 'not-needed' };
  switch (evidence.kind) {
    case 'none':
      return refuse('AwaitingApproval', AWAITING);
    case 'unbelievable':
      return refuse('ApprovalInvalid', evidence.message);
    case 'signed':
      return judgeClaims(evidence, question, CLAIMS_CHECKS);
  }
}

/**
 * Whether everything that a resource has made may be destroyed, where the class wants to be asked. What
 * stands there without a signature that holds may be the approval of long ago, so it is passed over.
 */
export function decideDeletionApproval(question: DeletionQuestion): ApprovalVerdict {
  if (question.evidence.kind !== 'signed') return refuse('AwaitingApproval', AWAITING_DELETION);
  return judgeClaims(question.evidence, question, DELETION_CHECKS);
}

function judgeClaims<Q extends DeletionQuestion>(
  { claims, usedBy }: Extract<ApprovalEvidence, { kind: 'signed' }>,
  question: Q,
  checks: readonly ClaimsCheck<Q>[],
): ApprovalVerdict {
  if (usedBy !== undefined && usedBy !== question.requestUid) {
    return refuse('ApprovalInvalid', 'The approval was used by another resource.');
  }
  for (const check of checks) {
    const refusal = check(claims, question);
    if (refusal) return { kind: 'refused', ...refusal };
  }
  return { kind: 'approved', claims, isBound: usedBy !== undefined };
}

function isForAnotherRequest(
  claims: ApprovalClaims,
  { request }: DeletionQuestion,
): Refusal | undefined {
  if (claims.request === request) return undefined;
  return { reason: 'ApprovalInvalid', message: 'The approval is for another request.' };
}

function isFromTheFuture(claims: ApprovalClaims, { now }: DeletionQuestion): Refusal | undefined {
  if (claims.iat * 1000 <= now.getTime() + CLOCK_SKEW_MS) return undefined;
  return { reason: 'ApprovalInvalid', message: 'The approval was given in the future.' };
}

function isForAnotherClass(
  claims: ApprovalClaims,
  question: ApprovalQuestion,
): Refusal | undefined {
  if (claims.class === question.classDigest) return undefined;
  return { reason: 'ApprovalOutdated', message: 'The class has changed since the approval.' };
}

function isForOtherInputs(claims: ApprovalClaims, question: ApprovalQuestion): Refusal | undefined {
  if (claims.inputs === question.inputsDigest) return undefined;
  return { reason: 'ApprovalOutdated', message: 'The request has changed since the approval.' };
}

function isForNoDeletion(claims: ApprovalClaims, question: DeletionQuestion): Refusal | undefined {
  if (claims.inputs === question.inputsDigest) return undefined;
  return { reason: 'AwaitingApproval', message: AWAITING_DELETION };
}

/** The class may allow less time than the api gave. */
function isExpired(claims: ApprovalClaims, { rule, now }: DeletionQuestion): Refusal | undefined {
  const limit = rule.expiresAfter === undefined ? Infinity : parseDuration(rule.expiresAfter);
  const end = Math.min(claims.exp * 1000, claims.iat * 1000 + limit);
  if (now.getTime() < end) return undefined;
  return {
    reason: 'ApprovalExpired',
    message: `The approval expired at ${new Date(end).toISOString()}.`,
  };
}

function refuse(reason: WaitingReason, message: string): ApprovalVerdict {
  return { kind: 'refused', reason, message };
}
