import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { systemClock } from '../../../../lib/clock.ts';
import { ConfigurationError } from '../../../../lib/errors.ts';
import { WriteRefusedError } from '../../../../lib/kube/errors.ts';
import type { Lease } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { LeaderElector } from '../../../../operator/controller/leader-elector.ts';
import { DEFAULT_LEASE_TIMING } from '../../../../operator/controller/lease-timing.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { QuietLogger } from '../../../support/quiet-logger.ts';
import { rejection } from '../../../support/rejection.ts';

/** About the proportions of production, in less time; leases count whole seconds. */
const timing = { leaseMs: 4_000, renewDeadlineMs: 2_500, retryMs: 300, jitter: 1.2 };

/** An elector with a process around it that can be cut off and paused. */
interface Candidate {
  elector: LeaderElector;
  events: string[];
  log: QuietLogger;
  /** From now on nothing that it writes arrives. */
  cutOff(): void;
  /** It wakes up this much later, before any of its timers has run. */
  sleepFor(ms: number): void;
}

describe('LeaderElector', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  const name = 'election';
  let namespace: string;
  let candidates: Candidate[];

  beforeEach(async () => {
    namespace = await cluster.createNamespace();
    candidates = [];
  });
  afterEach(async () => {
    await Promise.all(candidates.map(({ elector }) => elector.resign()));
  });

  function stand(identity: string, settings: Partial<typeof timing> = {}): Candidate {
    let isConnected = true;
    let offset = 0;
    const events: string[] = [];
    const log = new QuietLogger();
    const elector = new LeaderElector({
      client: cluster.client.withLimits({ mayWrite: () => isConnected }),
      lease: { namespace, name },
      identity,
      clock: systemClock,
      log,
      timing: { ...timing, ...settings },
      monotonic: () => performance.now() + offset,
      onElected: () => events.push('elected'),
      onLost: () => events.push('lost'),
    });
    const candidate: Candidate = {
      elector,
      events,
      log,
      cutOff: () => (isConnected = false),
      sleepFor: (ms) => (offset += ms),
    };
    candidates.push(candidate);
    return candidate;
  }

  /** Starts a candidate and waits until it leads. */
  async function lead(identity: string, settings: Partial<typeof timing> = {}): Promise<Candidate> {
    const candidate = stand(identity, settings);
    candidate.elector.start();
    await eventually(() => expect(candidate.elector.isLeading).to.be.true);
    return candidate;
  }

  function readLease(): Promise<Lease | undefined> {
    return cluster.client.get<Lease>(RESOURCE_TYPES.leases, { namespace, name });
  }

  /** Milliseconds until it leads; never at once with another, as far as one can look. */
  async function awaitTakeover(next: Candidate): Promise<number> {
    const since = performance.now();
    await eventually(() => {
      const writers = candidates.filter(({ elector }) => elector.mayWrite());
      if (writers.length > 1) throw new Error('two leaders at once');
      expect(next.elector.mayWrite()).to.be.true;
    }, 20_000);
    return performance.now() - since;
  }

  it('refuses times with which two could lead at once', () => {
    expect(() => stand('a', { renewDeadlineMs: timing.leaseMs })).to.throw(ConfigurationError);
  });

  it('does not let a second lead while the first renews, however long', async () => {
    const first = await lead('first');
    const second = stand('second');
    second.elector.start();
    await sleep(timing.leaseMs + 1_000);
    expect(first.events).to.deep.equal(['elected']);
    expect(second.events).to.deep.equal([]);
    expect(second.elector.mayWrite()).to.be.false;
    expect((await readLease())?.spec).to.include({ holderIdentity: 'first', leaseTransitions: 0 });
  });

  it('has one leader when many stand at the same moment', async () => {
    const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((identity) => stand(identity));
    for (const { elector } of all) elector.start();
    await eventually(() => expect(all.some(({ elector }) => elector.isLeading)).to.be.true);
    await sleep(1_000);
    expect(all.filter(({ events }) => events.includes('elected'))).to.have.length(1);
  });

  it('hands over at once when the leader resigns, and says who leads', async () => {
    const first = await lead('first');
    // With pauses of production: only the watch tells it in time.
    const second = stand('second', { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 });
    second.elector.start();
    await eventually(() =>
      expect(second.log.lines.map(({ fields }) => fields['holder'])).to.deep.equal(['first']),
    );
    await sleep(200);
    await first.elector.resign();
    expect(await awaitTakeover(second)).to.be.below(1_000);
    expect(first.events).to.deep.equal(['elected']);
    expect((await readLease())?.spec).to.include({ holderIdentity: 'second', leaseTransitions: 1 });
  });

  it('stops at the renew deadline when it is cut off, before another takes over', async () => {
    const first = await lead('first');
    const second = stand('second');
    second.elector.start();
    await sleep(500);
    const since = performance.now();
    first.cutOff();
    await eventually(() => expect(first.events).to.deep.equal(['elected', 'lost']));
    expect(performance.now() - since).to.be.below(timing.renewDeadlineMs + 1_000);
    expect(second.elector.isLeading).to.be.false;
    await awaitTakeover(second);
    const { leaseMs, retryMs, jitter } = timing;
    expect(performance.now() - since).to.be.below(leaseMs + retryMs * (1 + jitter) + 2_000);
  });

  it('refuses the writes of a leader that was paused, before it has noticed itself', async () => {
    const first = await lead('first');
    const client = cluster.client.withLimits({ mayWrite: () => first.elector.mayWrite() });
    const secret = (text: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name: text },
    });
    await client.create(RESOURCE_TYPES.secrets, secret('before'));
    first.sleepFor(timing.renewDeadlineMs);
    const attempts = [
      client.create(RESOURCE_TYPES.secrets, secret('after')),
      client.replace(RESOURCE_TYPES.secrets, secret('before')),
      client.apply(RESOURCE_TYPES.secrets, secret('before'), { fieldManager: 'test' }),
      client.mergePatch(RESOURCE_TYPES.secrets, { namespace, name: 'before' }, {}),
      client.delete(RESOURCE_TYPES.secrets, { namespace, name: 'before' }),
    ];
    for (const error of await Promise.all(attempts.map(rejection))) {
      expect(error).to.be.instanceOf(WriteRefusedError);
    }
    const left = await client.list(RESOURCE_TYPES.secrets, { namespace });
    expect(left.map(({ metadata }) => metadata.name)).to.deep.equal(['before']);
  });

  it('never leads again after a pause, even if nobody took the lease', async () => {
    const first = await lead('first');
    first.sleepFor(timing.renewDeadlineMs);
    await eventually(() => expect(first.events).to.deep.equal(['elected', 'lost']));
    await sleep(timing.retryMs * 3);
    expect(first.elector.mayWrite()).to.be.false;
    expect(first.events).to.deep.equal(['elected', 'lost']);
  });

  it('stops when the lease is taken away from it, and leaves it to the new holder', async () => {
    const first = await lead('first');
    await cluster.client.mergePatch(
      RESOURCE_TYPES.leases,
      { namespace, name },
      { spec: { holderIdentity: 'somebody' } },
    );
    await eventually(() => expect(first.events).to.deep.equal(['elected', 'lost']));
    await first.elector.resign();
    expect((await readLease())?.spec?.holderIdentity).to.equal('somebody');
  });

  /** With pauses of production: only the watch tells it in time. */
  const slow = { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 5_000 };
  const thefts: Record<string, () => Promise<unknown>> = {
    'is taken from it': () =>
      cluster.client.mergePatch(
        RESOURCE_TYPES.leases,
        { namespace, name },
        { spec: { holderIdentity: 'somebody' } },
      ),
    'is deleted': () => cluster.client.delete(RESOURCE_TYPES.leases, { namespace, name }),
  };
  for (const [what, rob] of Object.entries(thefts)) {
    it(`stops long before its next renewal when the lease ${what}`, async () => {
      const first = await lead('first', slow);
      await eventually(() => expect(first.log.lines).not.to.deep.equal([]));
      await sleep(300);
      await rob();
      await eventually(() => expect(first.events).to.deep.equal(['elected', 'lost']), 3_000);
      expect(first.elector.mayWrite()).to.be.false;
    });
  }

  it('leads on when it is told late of a time when it did not lead', async () => {
    const first = await lead('first');
    await first.elector.resign();
    const second = await lead('second');
    await sleep(timing.retryMs * 3);
    expect(second.events).to.deep.equal(['elected']);
    expect(second.elector.mayWrite()).to.be.true;
  });

  it('is followed by one leader alone when somebody deletes the lease', async () => {
    const first = await lead('first');
    const others = ['second', 'third'].map((identity) => stand(identity));
    for (const { elector } of others) elector.start();
    await sleep(300);
    await cluster.client.delete(RESOURCE_TYPES.leases, { namespace, name });
    await eventually(() => expect(first.events).to.deep.equal(['elected', 'lost']));
    await eventually(() => {
      expect(others.filter(({ elector }) => elector.mayWrite())).to.have.length(1);
    });
    await sleep(timing.retryMs * 3);
    expect(others.filter(({ elector }) => elector.mayWrite())).to.have.length(1);
  });

  it('is not alive any more when its loop hangs', async () => {
    const first = await lead('first');
    expect(first.elector.isAlive).to.be.true;
    first.sleepFor(2 * timing.leaseMs);
    expect(first.elector.isAlive).to.be.false;
  });

  it('waits with the times of client-go unless told otherwise', () => {
    expect(DEFAULT_LEASE_TIMING).to.deep.equal({
      leaseMs: 15_000,
      renewDeadlineMs: 10_000,
      retryMs: 2_000,
      jitter: 1.2,
    });
  });
});
