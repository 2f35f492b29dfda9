import { expect } from 'chai';
import { pickNextRuns, type Contender } from '../../../../operator/run/fair-share.ts';

/** A capital letter stands for a check of that organization. */
function contender(key: string, isActive = false): Contender {
  return {
    key,
    organization: key.charAt(0).toLowerCase(),
    createdAt: `2026-01-01T00:00:0${key.slice(1)}Z`,
    isActive,
    isBackground: key.charAt(0) !== key.charAt(0).toLowerCase(),
    lastTurn: 0,
  };
}

describe('the turns of runs', () => {
  const cases: Record<
    string,
    { waiting: string[]; active?: string[]; limit: number; picked: string[] }
  > = {
    'give nothing when everything is taken': {
      waiting: ['a1'],
      active: ['b1', 'b2'],
      limit: 2,
      picked: [],
    },
    'give nothing when too much is at work already': {
      waiting: ['a1'],
      active: ['b1', 'b2', 'b3'],
      limit: 2,
      picked: [],
    },
    'go by age within an organization': {
      waiting: ['a2', 'a1', 'a3'],
      limit: 2,
      picked: ['a1', 'a2'],
    },
    'alternate between organizations, however many one of them asks for': {
      waiting: ['a1', 'a2', 'a3', 'b4'],
      limit: 2,
      picked: ['a1', 'b4'],
    },
    'count what an organization has at work': {
      waiting: ['a1', 'b2'],
      active: ['a0'],
      limit: 2,
      picked: ['b2'],
    },
    'leave no place empty': {
      waiting: ['a1', 'a2', 'a3'],
      active: ['b0'],
      limit: 4,
      picked: ['a1', 'a2', 'a3'],
    },
    'give all real work a place before any check, however old that is': {
      waiting: ['A1', 'B2', 'a8', 'a9'],
      limit: 3,
      picked: ['a8', 'a9', 'A1'],
    },
    'leave checks waiting as long as real work waits': {
      waiting: ['A1', 'a8', 'b9'],
      limit: 2,
      picked: ['a8', 'b9'],
    },
    'give checks no more than half of the places': {
      waiting: ['A2', 'A3', 'B4', 'B5'],
      active: ['A1'],
      limit: 6,
      picked: ['B4', 'A2'],
    },
    'give checks the only place, if nobody else wants it': {
      waiting: ['A1', 'A2'],
      limit: 1,
      picked: ['A1'],
    },
  };
  for (const [title, { waiting, active = [], limit, picked }] of Object.entries(cases)) {
    it(title, () => {
      const contenders = [
        ...waiting.map((key) => contender(key)),
        ...active.map((key) => contender(key, true)),
      ];
      expect(pickNextRuns(contenders, limit)).to.deep.equal(picked);
    });
  }
});
