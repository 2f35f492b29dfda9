import { expect } from 'chai';
import {
  decideLease,
  heldLease,
  releasedLease,
  type LeaseSpec,
  type LeaseView,
} from '../../../../operator/controller/decide-lease.ts';
import {
  DEFAULT_LEASE_TIMING,
  faultsOfTiming,
} from '../../../../operator/controller/lease-timing.ts';

const other: LeaseSpec = {
  holderIdentity: 'other',
  leaseDurationSeconds: 15,
  acquireTime: '2026-01-01T00:00:00.000000Z',
  renewTime: '2026-01-01T00:00:00.000000Z',
  leaseTransitions: 3,
};
const own: LeaseSpec = { ...other, holderIdentity: 'me' };
const free: LeaseSpec = { ...other, holderIdentity: '' };

describe('decideLease', () => {
  const base: Omit<LeaseView, 'spec'> = {
    identity: 'me',
    isLeading: false,
    observedAt: 100_000,
    now: 100_000,
  };
  const cases: [string, Partial<LeaseView>, string][] = [
    ['a candidate waits for a holder that was just seen', { spec: other }, 'wait'],
    ['waits to the last moment of the lease', { spec: other, now: 114_999 }, 'wait'],
    [
      'waits for a holder whose times are old: its clock is another',
      { spec: { ...other, renewTime: '1999-01-01T00:00:00.000000Z' } },
      'wait',
    ],
    [
      'keeps to the duration that the holder wrote, not its own',
      { spec: { ...other, leaseDurationSeconds: 60 }, now: 115_000 },
      'wait',
    ],
    ['takes a lease that was silent for its duration', { spec: other, now: 115_000 }, 'take'],
    ['takes a released lease at once', { spec: free }, 'take'],
    ['takes a lease that names no holder', { spec: {} }, 'take'],
    ['makes a lease where there is none', { spec: undefined }, 'create'],
    ['goes on with a lease that names it already', { spec: own }, 'renew'],
    ['a leader renews', { spec: own, isLeading: true }, 'renew'],
    [
      'renews what was silent for long but still names it',
      { spec: own, isLeading: true, now: 900_000 },
      'renew',
    ],
    ['stops when another leads', { spec: other, isLeading: true }, 'lost'],
    [
      'stops when another led and is silent: that one may have worked',
      { spec: other, isLeading: true, now: 900_000 },
      'lost',
    ],
    ['stops when somebody freed its lease', { spec: free, isLeading: true }, 'lost'],
    ['stops when its lease was deleted', { spec: undefined, isLeading: true }, 'lost'],
  ];
  for (const [title, view, move] of cases) {
    it(title, () => {
      expect(decideLease({ ...base, spec: undefined, ...view })).to.equal(move);
    });
  }
});

describe('what stands in the lease', () => {
  const statement = { identity: 'me', leaseMs: 15_000, now: new Date('2026-02-03T04:05:06.789Z') };
  const time = '2026-02-03T04:05:06.789000Z';

  it('counts a transition and begins anew when it is taken', () => {
    expect(heldLease('take', other, statement)).to.deep.equal({
      holderIdentity: 'me',
      leaseDurationSeconds: 15,
      acquireTime: time,
      renewTime: time,
      leaseTransitions: 4,
    });
  });

  it('keeps transitions and the time of acquisition when it is renewed', () => {
    expect(heldLease('renew', own, statement)).to.include({
      acquireTime: own.acquireTime,
      renewTime: time,
      leaseTransitions: 3,
    });
  });

  it('has no transition when it is new, and whole seconds', () => {
    const spec = heldLease('create', undefined, { ...statement, leaseMs: 1_200 });
    expect(spec).to.include({ leaseTransitions: 0, leaseDurationSeconds: 2, acquireTime: time });
  });

  it('names nobody when it is released, and keeps the count', () => {
    expect(releasedLease(own, statement.now)).to.deep.equal({
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: time,
      renewTime: time,
      leaseTransitions: 3,
    });
  });
});

describe('faultsOfTiming', () => {
  const cases: [string, Partial<typeof DEFAULT_LEASE_TIMING>, number][] = [
    ['refuses a leader that works longer than its lease', { renewDeadlineMs: 15_000 }, 1],
    ['refuses a deadline without a second attempt', { retryMs: 9_000 }, 1],
    ['names all faults', { leaseMs: 1_000, renewDeadlineMs: 2_000, retryMs: 2_000 }, 2],
    ['accepts the times of client-go', {}, 0],
  ];
  for (const [title, change, count] of cases) {
    it(title, () => {
      expect(faultsOfTiming({ ...DEFAULT_LEASE_TIMING, ...change })).to.have.length(count);
    });
  }
});
