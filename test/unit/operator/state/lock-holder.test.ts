import { expect } from 'chai';
import { answerLock, formatHolder, parseHolder } from '../../../../operator/state/lock-holder.ts';

describe('The lock of a state means', () => {
  const me = { run: 'run-1', instance: 'a' };
  const twin = { run: 'run-1', instance: 'b' };
  const other = { run: 'run-2', instance: 'a' };

  const cases = [
    ['locked when another run has it', other, undefined, { kind: 'locked', run: 'run-2' }],
    ['started when another process of the run has it', twin, undefined, { kind: 'started' }],
    ['started when another process of the run had it last', undefined, twin, { kind: 'started' }],
    ['returned when this process had it last', undefined, me, { kind: 'returned' }],
    ['held when this process has it', me, undefined, { kind: 'held' }],
    ['free when nobody had it', undefined, undefined, { kind: 'free' }],
    ['free when another run had it last', undefined, other, { kind: 'free' }],
  ] as const;
  for (const [title, holder, last, expected] of cases) {
    it(title, () => {
      expect(answerLock(holder, last, me)).to.deep.equal(expected);
    });
  }

  it('nobody when the Lease names nobody', () => {
    expect(parseHolder(undefined)).to.equal(undefined);
    expect(parseHolder('')).to.equal(undefined);
    expect(parseHolder(formatHolder(me))).to.deep.equal(me);
  });
});
