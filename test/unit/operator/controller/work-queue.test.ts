import { expect } from 'chai';
import { DEFAULT_BACKOFF, WorkQueue } from '../../../../operator/controller/work-queue.ts';

describe('WorkQueue', () => {
  let queue: WorkQueue;

  beforeEach(() => {
    queue = new WorkQueue({ backoff: DEFAULT_BACKOFF, random: () => 0.5 });
  });

  function takeAll(now = 0): string[] {
    const keys: string[] = [];
    for (let key = queue.take(now); key !== undefined; key = queue.take(now)) keys.push(key);
    return keys;
  }

  it('never gives out a key that is active', () => {
    queue.add('a');
    expect(queue.take(0)).to.equal('a');
    queue.add('a');
    queue.addAt('a', 0);
    expect(queue.take(0)).to.equal(undefined);
  });

  it('gives out a key once more that was added while it was active, and only once', () => {
    queue.add('a');
    queue.take(0);
    queue.add('a');
    queue.add('a');
    queue.done('a');
    expect(takeAll()).to.deep.equal(['a']);
    queue.done('a');
    expect(takeAll()).to.deep.equal([]);
  });

  it('gives out keys in the order in which they came, each once', () => {
    for (const key of ['b', 'a', 'b', 'c']) queue.add(key);
    expect(queue.length).to.equal(3);
    expect(takeAll()).to.deep.equal(['b', 'a', 'c']);
    expect(queue.activeCount).to.equal(3);
  });

  it('puts what is new before what is only looked at again', () => {
    queue.add('old', 'low');
    queue.add('both', 'low');
    queue.add('new');
    queue.add('both');
    queue.add('new', 'low');
    expect(takeAll()).to.deep.equal(['new', 'both', 'old']);
  });

  it('keeps the higher priority of a key that is added twice while it is active', () => {
    queue.add('a');
    queue.take(0);
    queue.add('a', 'normal');
    queue.add('a', 'low');
    queue.add('b', 'low');
    queue.done('a');
    expect(takeAll()).to.deep.equal(['a', 'b']);
  });

  it('gives out delayed keys when they are due, the earliest moment of each', () => {
    queue.addAt('a', 200);
    queue.addAt('b', 100);
    queue.addAt('a', 150);
    queue.addAt('a', 300);
    expect(queue.nextDueAt()).to.equal(100);
    expect(takeAll(99)).to.deep.equal([]);
    expect(takeAll(120)).to.deep.equal(['b']);
    expect(queue.nextDueAt()).to.equal(150);
    expect(takeAll(150)).to.deep.equal(['a']);
    expect([queue.nextDueAt(), queue.delayedCount]).to.deep.equal([undefined, 0]);
  });

  it('drops the moment that was set for a key when it is visited before', () => {
    queue.addAt('a', 100);
    queue.add('a');
    expect(takeAll(0)).to.deep.equal(['a']);
    queue.done('a');
    expect(queue.nextDueAt()).to.equal(undefined);
    expect(takeAll(1000)).to.deep.equal([]);
  });

  it('keeps a moment that is set during the visit', () => {
    queue.add('a');
    queue.take(0);
    queue.addAt('a', 10);
    queue.done('a');
    expect(takeAll(10)).to.deep.equal(['a']);
  });

  it('tries a failing key again later and later, until it is forgotten', () => {
    const delays = Array.from({ length: 4 }, () => queue.retry('a', 0));
    expect(delays).to.deep.equal([5, 10, 20, 40]);
    expect(queue.failures('a')).to.equal(4);
    queue.forget('a');
    expect(queue.retry('a', 0)).to.equal(5);
    expect(queue.retry('b', 0)).to.equal(5);
  });

  it('waits at least as long as a server asked for, and at most 1000 s by itself', () => {
    expect(queue.retry('a', 0, 3000)).to.equal(3000);
    for (let failure = 0; failure < 50; failure += 1) queue.retry('a', 0);
    expect(queue.retry('a', 0)).to.equal(1_000_000);
  });

  it('gives out ten thousand delayed keys in the order of their moments', () => {
    const moments = Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 10_007);
    moments.forEach((dueAt, index) => queue.addAt(String(index), dueAt));
    const taken = takeAll(20_000).map((key) => moments[Number(key)]);
    expect(taken).to.deep.equal([...moments].sort((a, b) => a - b));
  });
});
