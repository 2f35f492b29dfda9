import { expect } from 'chai';
import { DEFAULT_TIMING, untilRelist, watchLife } from '../../../../lib/kube/list-watch-timing.ts';

const MINUTE_MS = 60_000;

describe('the times of a list and watch', () => {
  const relists = [
    { random: 0, minutes: 9 },
    { random: 0.5, minutes: 10 },
    { random: 1, minutes: 11 },
  ];
  for (const { random, minutes } of relists) {
    it(`list everything again after ${minutes} minutes where chance says ${random}`, () => {
      expect(untilRelist(DEFAULT_TIMING, random) / MINUTE_MS).to.be.closeTo(minutes, 0.001);
    });
  }

  const lives = [
    { title: 'as short as they may be', random: 0, untilRelistMs: Infinity, seconds: 30 },
    { title: 'as long as they may be', random: 1, untilRelistMs: Infinity, seconds: 45 },
    { title: 'until the next full list', random: 1, untilRelistMs: 5_000, seconds: 5 },
    { title: 'not shorter than a server can count', random: 0, untilRelistMs: 20, seconds: 1 },
  ];
  for (const { title, random, untilRelistMs, seconds } of lives) {
    it(`let watches live ${title}`, () => {
      expect(watchLife(DEFAULT_TIMING, untilRelistMs, random)).to.equal(seconds * 1000);
    });
  }

  it('give up a watch that has said nothing for longer than two bookmarks take', () => {
    expect(DEFAULT_TIMING.idleMs)
      .to.be.above(2 * MINUTE_MS)
      .and.below(3 * MINUTE_MS);
  });
});
