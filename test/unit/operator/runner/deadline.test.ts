import { expect } from 'chai';
import { secondsLeft, startDeadline } from '../../../../operator/runner/deadline.ts';

describe('The time of a step', () => {
  it('is what the steps before it have left', () => {
    expect(secondsLeft(300, 120_000)).to.equal(180);
  });

  it('is never nothing, so that the engine can say where it was', () => {
    expect(secondsLeft(300, 400_000)).to.equal(1);
  });

  it('ends at once, for the reason of the whole run, when that is to stop', () => {
    const stop = new AbortController();
    stop.abort('signal');
    const { signal, clear } = startDeadline(stop.signal, 60);
    expect([signal.aborted, signal.reason]).to.deep.equal([true, 'signal']);
    clear();
  });
});
