import { expect } from 'chai';
import { backoffDelay } from '../../../lib/backoff.ts';

describe('backoffDelay', () => {
  const limits = { baseMs: 5, maxMs: 1_000_000 };
  const cases: [failures: number, random: number, delay: number][] = [
    [1, 0.5, 5],
    [2, 0.5, 10],
    [5, 0.5, 80],
    [3, 0, 15],
    [3, 1, 25],
    [40, 0.5, 1_000_000],
    [1e9, 1, 1_000_000],
  ];
  for (const [failures, random, delay] of cases) {
    it(`waits ${delay} ms after ${failures} failure(s) when chance says ${random}`, () => {
      expect(backoffDelay(failures, limits, random)).to.equal(delay);
    });
  }
});
