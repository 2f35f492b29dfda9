import { expect } from 'chai';
import { FAILURE_TYPES, type FailureType } from '../../../../crds/failure.ts';
import { judgeFailure } from '../../../../operator/request/decide-retry.ts';
import { RETRY_RULES } from '../../../../operator/request/retry-rules.ts';
import { buildRequestRun, NOW } from '../../../support/operator/request-builder.ts';

type RunChanges = Parameters<typeof buildRequestRun>[0];

function failedRun(type: FailureType, sequence: number, changes: RunChanges = {}) {
  const name = `run-${sequence}`;
  const status = { failure: { type, message: 'why' } };
  return buildRequestRun({ name, sequence, outcome: 'failed', status, ...changes });
}

/** Seconds until the retry after the last of some runs; undefined when there is none. */
function secondsToRetry(runs: ReturnType<typeof failedRun>[], chance = 0.5): number | undefined {
  const { retryAt } = judgeFailure(runs.at(-1)!, runs, { now: NOW, chance });
  return retryAt === undefined ? undefined : (Date.parse(retryAt) - NOW.getTime()) / 1000;
}

describe('The automatic retry of a failed run', () => {
  const first: Record<FailureType, number | undefined> = {
    Configuration: undefined,
    Conflict: undefined,
    OutOfMemory: undefined,
    DeadlineExceeded: undefined,
    Policy: undefined,
    PlanOutdated: undefined,
    Transient: 5,
    Interrupted: 5,
    StateLocked: 5,
    Quota: 60,
    Credentials: 60,
    Internal: 60,
  };
  for (const type of FAILURE_TYPES) {
    const seconds = first[type];
    const when = seconds === undefined ? 'never comes' : `comes after about ${seconds} seconds`;
    it(`${when} for ${type}`, () => {
      expect(secondsToRetry([failedRun(type, 1)])).to.equal(seconds);
    });
  }

  it('waits twice as long after each failure in a row, and ends at the limit of the class', () => {
    const runs = Array.from({ length: 6 }, (_, index) => failedRun('Transient', index + 1));
    const waits = runs.map((_, index) => secondsToRetry(runs.slice(0, index + 1)));
    expect(waits).to.deep.equal([5, 10, 20, 40, 80, undefined]);
  });

  it('does not come at the same moment for all that failed together', () => {
    const runs = [failedRun('Transient', 1)];
    expect([0, 1].map((chance) => secondsToRetry(runs, chance))).to.deep.equal([3.75, 6.25]);
  });

  const fresh: Record<string, RunChanges> = {
    'a success': { outcome: 'succeeded' },
    'a run that a person asked for': { answers: 'earlier' },
    'a run of other inputs': { inputs: 'sha256:other' },
    'a run of another rotation': { rotation: 'one' },
  };
  for (const [what, changes] of Object.entries(fresh)) {
    it(`begins anew after ${what}`, () => {
      const runs = [
        failedRun('Transient', 1),
        failedRun('Transient', 2, changes),
        failedRun('Transient', 3),
      ];
      expect(secondsToRetry(runs)).to.equal(5);
    });
  }

  it('is not counted by runs that do something else', () => {
    const runs = [
      failedRun('Transient', 1),
      failedRun('Transient', 2, { action: 'Destroy' }),
      failedRun('Transient', 3),
    ];
    expect(secondsToRetry(runs)).to.equal(10);
  });

  it('can be counted, because fewer runs make a row than are kept', () => {
    for (const type of FAILURE_TYPES) expect(RETRY_RULES[type]?.limit ?? 0).to.be.lessThan(10);
  });
});
