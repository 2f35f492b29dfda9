import { expect } from 'chai';
import type { FailureType } from '../../../../crds/failure.ts';
import { findSpentPlan } from '../../../../operator/run/spent-plan.ts';
import { buildRequestRun } from '../../../support/operator/request-builder.ts';

type Changes = Parameters<typeof buildRequestRun>[0];

const planDigest = 'sha256:plan';

function failed(type: FailureType): Changes {
  return { planDigest, outcome: 'failed', status: { failure: { type, message: '' } } };
}

describe('The plan of a finished run', () => {
  const CASES: { title: string; run: Changes; spent: boolean }[] = [
    { title: 'stays while it runs', run: { planDigest, outcome: 'unfinished' }, spent: false },
    { title: 'stays for a retry', run: failed('Transient'), spent: false },
    { title: 'stays where it was only made', run: { planDigest, action: 'Plan' }, spent: false },
    { title: 'is none where there was none', run: {}, spent: false },
    { title: 'is spent when it is applied', run: { planDigest }, spent: true },
    { title: 'is spent when it destroyed', run: { planDigest, action: 'Destroy' }, spent: true },
    { title: 'is spent when it is outdated', run: failed('PlanOutdated'), spent: true },
  ];
  for (const { title, run, spent } of CASES) {
    it(title, () => {
      expect(findSpentPlan(buildRequestRun(run))).to.equal(spent ? planDigest : undefined);
    });
  }
});
