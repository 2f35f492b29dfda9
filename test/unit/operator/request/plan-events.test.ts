import { expect } from 'chai';
import { noticesBetween } from '../../../../operator/request/events.ts';

const plan = { run: 'db-plan-1', digest: 'sha256:a', changes: { add: 1, change: 0, destroy: 2 } };
const failed = {
  conditions: [
    {
      ...{ type: 'Ready', status: 'False' as const, reason: 'PlanFailed' },
      message: 'The plan failed: Configuration: no such zone',
      lastTransitionTime: '2026-01-01T12:00:00Z',
    },
  ],
};

describe('the events of plans', () => {
  it('tell nothing of a plan that was told of, nor of one that is gone', () => {
    expect(noticesBetween({ plan }, { plan })).to.deep.equal([]);
    expect(noticesBetween({ plan }, {})).to.deep.equal([]);
  });

  it('tell of a plan that is ready, what it would do, and of the next one', () => {
    const note = 'Run db-plan-1 has planned: 1 to add, 0 to change, 2 to destroy.';
    const ready = { type: 'Normal', reason: 'PlanReady', action: 'Plan', note };
    expect(noticesBetween(undefined, { plan })).to.deep.equal([ready]);
    const next = { ...plan, digest: 'sha256:b' };
    expect(noticesBetween({ plan }, { plan: next })).to.deep.equal([ready]);
  });

  it('warn of one that failed, with the error of the engine, once', () => {
    const [notice, ...rest] = noticesBetween({ plan }, failed);
    expect(rest).to.deep.equal([]);
    expect(notice).to.include({ type: 'Warning', reason: 'PlanFailed' });
    expect(notice?.note).to.contain('no such zone');
    expect(noticesBetween(failed, failed)).to.deep.equal([]);
  });
});
