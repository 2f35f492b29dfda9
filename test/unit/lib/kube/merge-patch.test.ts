import { expect } from 'chai';
import { mergePatchBetween } from '../../../../lib/kube/merge-patch.ts';

describe('the merge patch between two objects', () => {
  const cases: [string, object, object, object][] = [
    ['is empty where they are the same', { a: { b: [1] } }, { a: { b: [1] } }, {}],
    ['takes away what the new one has not', { a: 1, b: 2 }, { a: 1 }, { b: null }],
    [
      'takes it away within objects',
      { a: { b: 1, c: 2 } },
      { a: { c: 3 } },
      { a: { b: null, c: 3 } },
    ],
    ['replaces lists as a whole', { a: [1, 2] }, { a: [2] }, { a: [2] }],
    ['replaces what is of another kind', { a: [1] }, { a: { b: 1 } }, { a: { b: 1 } }],
    ['takes undefined for absent', { a: 1 }, { a: undefined, b: undefined }, { a: null }],
  ];
  for (const [title, from, to, patch] of cases) {
    it(title, () => {
      expect(mergePatchBetween({ ...from }, { ...to })).to.deep.equal(patch);
    });
  }
});
