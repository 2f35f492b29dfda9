import { expect } from 'chai';
import { nextCheckAt } from '../../../../operator/request/check-schedule.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-01-01T00:00:00Z');
/** The same in every run of the tests. */
const uids = Array.from(
  { length: 2_000 },
  (_, at) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
);

/** How many fall into each of some equal spans. */
function spread(times: readonly number[], from: number, spanMs: number, spans: number): number[] {
  return Array.from(
    { length: spans },
    (_, span) =>
      times.filter((time) => time >= from + span * spanMs && time < from + (span + 1) * spanMs)
        .length,
  );
}

describe('the times of checks for drift', () => {
  it('are spread evenly over the interval for what was applied at the same moment', () => {
    const times = uids.map((uid) =>
      nextCheckAt({ uid, lastMs: START, intervalMs: HOUR, nowMs: START }),
    );
    const counts = spread(times, START + HOUR / 2, HOUR / 10, 10);
    expect(counts.reduce((sum, count) => sum + count)).to.equal(uids.length);
    for (const count of counts) expect(count).to.be.within(150, 250);
  });

  it('are one interval apart', () => {
    for (const uid of uids.slice(0, 100)) {
      const first = nextCheckAt({ uid, lastMs: START, intervalMs: HOUR, nowMs: START });
      const ended = first + 60_000;
      const second = nextCheckAt({ uid, lastMs: ended, intervalMs: HOUR, nowMs: ended });
      expect(second - first).to.equal(HOUR);
    }
  });

  it('are the same after a restart', () => {
    for (const uid of uids.slice(0, 100)) {
      const first = nextCheckAt({ uid, lastMs: START, intervalMs: HOUR, nowMs: START });
      const again = nextCheckAt({ uid, lastMs: START, intervalMs: HOUR, nowMs: first - 1 });
      expect(again).to.equal(first);
    }
  });

  it('stay due for those who look a moment late', () => {
    for (const uid of uids.slice(0, 100)) {
      const due = nextCheckAt({ uid, lastMs: START, intervalMs: HOUR, nowMs: START });
      const late = nextCheckAt({ uid, lastMs: START, intervalMs: HOUR, nowMs: due + 10_000 });
      expect(late).to.equal(due);
    }
  });

  it('do not all come at once when many were missed, and are soon made up for', () => {
    const now = START + 10 * HOUR;
    const times = uids.map((uid) =>
      nextCheckAt({ uid, lastMs: START, intervalMs: HOUR, nowMs: now }),
    );
    const dueNow = times.filter((time) => time <= now).length;
    expect(dueNow).to.be.below(uids.length / 4);
    expect(Math.max(...times)).to.be.at.most(now + HOUR / 8);
    for (const count of spread(times, now - 60_000, HOUR / 64, 8)) {
      expect(count).to.be.within(190, 310);
    }
  });
});
