import { expect } from 'chai';
import { resourceClassSpecSchema } from '../../../../crds/resource-class.ts';
import {
  decideApproval,
  type ApprovalQuestion,
} from '../../../../operator/request/decide-approval.ts';
import {
  buildApproval,
  CLASS_DIGEST,
  digestOf,
  NOW,
} from '../../../support/operator/request-builder.ts';

const now = NOW.getTime() / 1000;
const rule = resourceClassSpecSchema.shape.approval.parse({});

function ask(changes: Partial<ApprovalQuestion>): string {
  const verdict = decideApproval({
    evidence: buildApproval(),
    rule,
    request: 'team/db',
    requestUid: 'uid-1',
    classDigest: CLASS_DIGEST,
    inputsDigest: digestOf(),
    now: NOW,
    ...changes,
  });
  return verdict.kind === 'refused' ? verdict.reason : verdict.kind;
}

describe('an approval', () => {
  const cases: Record<string, [Partial<ApprovalQuestion>, string]> = {
    'is waited for when there is none': [{ evidence: { kind: 'none' } }, 'AwaitingApproval'],
    'is invalid when its signature cannot be believed': [
      { evidence: { kind: 'unbelievable', message: '' } },
      'ApprovalInvalid',
    ],
    'is invalid for another request': [
      { evidence: buildApproval({ claims: { request: 'team/other' } }) },
      'ApprovalInvalid',
    ],
    'is invalid when another resource used it': [
      { evidence: buildApproval({ usedBy: 'uid-0' }) },
      'ApprovalInvalid',
    ],
    'is invalid when it comes from the future': [
      { evidence: buildApproval({ claims: { iat: now + 120, exp: now + 600 } }) },
      'ApprovalInvalid',
    ],
    'is outdated when the class has changed': [{ classDigest: 'sha256:new' }, 'ApprovalOutdated'],
    'is outdated when the inputs have changed': [
      { inputsDigest: digestOf({ size: 9 }) },
      'ApprovalOutdated',
    ],
    'is outdated when only the deletion policy has changed': [
      { inputsDigest: digestOf({}, 'Retain') },
      'ApprovalOutdated',
    ],
    'is expired from the second on in which it ends': [
      { evidence: buildApproval({ claims: { exp: now } }) },
      'ApprovalExpired',
    ],
    'is expired when the class gives it less time than the api did': [
      { rule: { ...rule, expiresAfter: '60s' } },
      'ApprovalExpired',
    ],
    'holds while a clock is a little behind': [
      { evidence: buildApproval({ claims: { iat: now + 30 } }) },
      'approved',
    ],
    'holds for what it says': [{}, 'approved'],
    'holds when nobody used it yet': [
      { evidence: buildApproval({ usedBy: undefined }) },
      'approved',
    ],
    'is not needed where the class says so': [
      { rule: { ...rule, mode: 'Automatic' }, evidence: { kind: 'none' } },
      'not-needed',
    ],
  };
  for (const [title, [changes, expected]] of Object.entries(cases)) {
    it(title, () => expect(ask(changes)).to.equal(expected));
  }
});
