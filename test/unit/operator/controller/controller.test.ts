import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { systemClock } from '../../../../lib/clock.ts';
import { ConflictError } from '../../../../lib/kube/errors.ts';
import {
  Controller,
  type ControllerOptions,
  type Visit,
} from '../../../../operator/controller/controller.ts';
import { TerminalError, WaitingError } from '../../../../operator/controller/errors.ts';
import { eventually } from '../../../support/eventually.ts';
import { QuietLogger } from '../../../support/quiet-logger.ts';

describe('Controller', () => {
  let log: QuietLogger;
  let visits: string[];
  let controller: Controller;

  beforeEach(() => {
    log = new QuietLogger();
    visits = [];
  });
  afterEach(() => controller.stop());

  function build(
    reconcile: ControllerOptions['reconcile'],
    options: Partial<ControllerOptions> = {},
  ): void {
    controller = new Controller({
      name: 'test',
      workers: 2,
      log,
      clock: systemClock,
      backoff: { baseMs: 1, maxMs: 50 },
      ...options,
      reconcile: (key) => {
        visits.push(key);
        return reconcile(key);
      },
    });
  }

  it('never visits one key twice at once, and visits it again when it changed meanwhile', async () => {
    const gate = Promise.withResolvers<undefined>();
    build(async () => {
      await gate.promise;
      return {};
    });
    controller.start();
    for (let index = 0; index < 10; index += 1) controller.enqueue('a');
    await sleep(5);
    expect(visits).to.deep.equal(['a']);
    expect(controller.load).to.deep.equal({ queued: 0, active: 1, delayed: 0 });
    gate.resolve(undefined);
    await eventually(() => expect(controller.load.active).to.equal(0));
    expect(visits).to.deep.equal(['a', 'a']);
  });

  it('visits as many keys at once as it has workers', async () => {
    let active = 0;
    let most = 0;
    build(async () => {
      most = Math.max(most, (active += 1));
      await sleep(2);
      active -= 1;
      return {};
    });
    for (let index = 0; index < 20; index += 1) controller.enqueue(String(index));
    expect(visits).to.deep.equal([]);
    controller.start();
    await eventually(() => expect(visits).to.have.length(20));
    expect(most).to.equal(2);
  });

  it('tries again with backoff until it succeeds, and forgets the failures then', async () => {
    build(() => {
      if (visits.length < 5) throw new Error('not yet');
      return Promise.resolve({});
    });
    controller.start();
    controller.enqueue('a');
    await eventually(() => expect(visits).to.have.length(5));
    expect(log.lines.map(({ fields }) => fields['failures'])).to.deep.equal([1, 2, 3, 4]);
    expect(log.lines[0]?.fields).to.include({ controller: 'test', key: 'a' });
  });

  it('raises an alarm when a key keeps failing', async () => {
    build(() => Promise.reject(new Error('never')));
    controller.start();
    controller.enqueue('a');
    await eventually(() => expect(log.messages('error').length).to.be.greaterThan(0));
    expect(log.messages('warn')).to.have.length(9);
  });

  it('does not try again after a terminal error, until the key changes', async () => {
    build(() => Promise.reject(new TerminalError('no such class')));
    controller.start();
    controller.enqueue('a');
    await sleep(30);
    expect(visits).to.have.length(1);
    controller.enqueue('a');
    await eventually(() => expect(visits).to.have.length(2));
  });

  it('takes a conflict calmly', async () => {
    const conflict = new ConflictError({ status: 409, reason: 'Conflict', message: 'stale' });
    build(() => (visits.length < 3 ? Promise.reject(conflict) : Promise.resolve({})));
    controller.start();
    controller.enqueue('a');
    await eventually(() => expect(visits).to.have.length(3));
    expect(log.lines.map(({ level }) => level)).to.deep.equal(['info', 'info']);
  });

  it('looks again when told to, and when it waits, without a word', async () => {
    build((key) =>
      key === 'waits'
        ? Promise.reject(new WaitingError(5))
        : Promise.resolve(visits.length < 10 ? { requeueAfterMs: 5 } : {}),
    );
    controller.start();
    controller.enqueue('again');
    controller.enqueue('waits');
    controller.enqueueAfter('later', 5);
    const count = (key: string): number => visits.filter((visit) => visit === key).length;
    await eventually(() => expect([count('again'), count('waits')].every((n) => n > 2)).to.be.true);
    expect(count('later')).to.be.greaterThan(0);
    expect(log.lines).to.deep.equal([]);
  });

  it('tells of every visit how long it waited, how long it took and how it ended', async () => {
    const told: Visit[] = [];
    build(
      async (key) => {
        await sleep(20);
        if (key === 'fails') throw new TerminalError('no');
        return {};
      },
      { workers: 1, onVisit: (visit) => told.push(visit) },
    );
    controller.start();
    controller.enqueue('first');
    controller.enqueue('fails');
    // Its wait begins when it is due, not when somebody thought of it.
    controller.enqueueAfter('later', 100);
    await eventually(() => expect(told).to.have.length(3));
    expect(told.map(({ result }) => result)).to.deep.equal(['done', 'terminal', 'done']);
    const [first, second, third] = told;
    expect(first).to.include({ controller: 'test' });
    expect(first!.waitedMs).to.be.below(15);
    expect(first!.tookMs).to.be.within(15, 80);
    expect(second!.waitedMs).to.be.within(15, 80);
    expect(third!.waitedMs).to.be.below(80);
  });

  it('ends what is under way when it is stopped, and begins nothing more', async () => {
    let ended = 0;
    build(async () => {
      await sleep(20);
      ended += 1;
      return { requeueAfterMs: 1 };
    });
    controller.start();
    for (const key of ['a', 'b', 'c']) controller.enqueue(key);
    await controller.stop();
    expect(ended).to.equal(2);
    controller.enqueue('d');
    controller.start();
    await sleep(30);
    expect(visits).to.deep.equal(['a', 'b']);
  });
});
