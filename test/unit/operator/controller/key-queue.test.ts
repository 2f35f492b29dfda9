import { expect } from 'chai';
import { KeyQueue } from '../../../../operator/controller/key-queue.ts';

describe('KeyQueue', () => {
  it('never gives a key that was deleted, and each key once', () => {
    const queue = new KeyQueue();
    for (const key of ['a', 'b', 'a', 'c']) queue.add(key);
    queue.delete('b');
    queue.delete('a');
    queue.add('a');
    expect([queue.size, queue.has('b')]).to.deep.equal([2, false]);
    expect([queue.take(), queue.take(), queue.take()]).to.have.members(['a', 'c', undefined]);
    expect(queue.size).to.equal(0);
  });

  it('keeps the order while it is filled and emptied at once', () => {
    const queue = new KeyQueue();
    const taken: (string | undefined)[] = [];
    const expected = Array.from({ length: 20_000 }, (_, index) => String(index));
    expected.forEach((key, index) => {
      queue.add(key);
      if (index % 3 === 0) taken.push(queue.take());
    });
    while (queue.size > 0) taken.push(queue.take());
    expect(taken).to.deep.equal(expected);
  });
});
