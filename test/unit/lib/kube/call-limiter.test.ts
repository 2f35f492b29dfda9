import { expect } from 'chai';
import { CallLimiter } from '../../../../lib/kube/call-limiter.ts';
import { rejection } from '../../../support/rejection.ts';

describe('CallLimiter', () => {
  it('runs no more calls at once than allowed, in the order in which they came', async () => {
    const limiter = new CallLimiter(3);
    const started: number[] = [];
    let running = 0;
    let most = 0;
    const calls = Array.from({ length: 20 }, (_, index) =>
      limiter.run(async () => {
        started.push(index);
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return index;
      }),
    );
    const expected = Array.from({ length: 20 }, (_, index) => index);
    expect(await Promise.all(calls)).to.deep.equal(expected);
    expect(started).to.deep.equal(expected);
    expect(most).to.equal(3);
  });

  it('gives the place of a call that failed to the next one', async () => {
    const limiter = new CallLimiter(1);
    const failing = rejection(limiter.run(() => Promise.reject(new Error('no'))));
    const next = limiter.run(() => Promise.resolve('yes'));
    expect((await failing).message).to.equal('no');
    expect(await next).to.equal('yes');
    expect(await limiter.run(() => Promise.resolve('again'))).to.equal('again');
  });
});
