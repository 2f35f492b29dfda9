import { expect } from 'chai';
import { blockMs } from '../../../api/auth/sign-in-backoff.ts';

describe('waiting after failed sign-ins', () => {
  for (const [kind, failures, expected] of [
    ['account', 1, 0],
    ['account', 4, 0],
    ['account', 5, 1_000],
    ['account', 6, 2_000],
    ['account', 9, 16_000],
    ['account', 15, 900_000],
    ['account', 1_000_000, 900_000],
    ['network', 49, 0],
    ['network', 50, 1_000],
    ['network', 51, 2_000],
  ] as const) {
    it(`is ${expected} ms for the ${kind} after failure ${failures}`, () => {
      expect(blockMs(failures, { kind })).to.equal(expected);
    });
  }
});
