import { expect } from 'chai';
import {
  addVersion,
  EMPTY_INDEX,
  findCurrentVersion,
  KEPT_BYTES,
  KEPT_VERSIONS,
  type StateIndex,
} from '../../../../operator/state/state-index.ts';

function grow(count: number, bytes: number): { index: StateIndex; dropped: number[] } {
  let index = EMPTY_INDEX;
  const dropped: number[] = [];
  for (let number = 1; number <= count; number += 1) {
    const version = { number, writer: 'w', run: 'r', writtenAt: '', chunks: 1, bytes };
    const added = addVersion(index, version);
    index = added.index;
    dropped.push(...added.dropped.map((gone) => gone.number));
  }
  return { index, dropped };
}

describe('The index of a state', () => {
  it('names no state before the first version', () => {
    expect(findCurrentVersion(EMPTY_INDEX)).to.equal(undefined);
  });

  it('keeps the last ten versions and says which go', () => {
    const { index, dropped } = grow(KEPT_VERSIONS + 3, 10);
    expect(index.versions).to.have.length(KEPT_VERSIONS);
    expect(dropped).to.deep.equal([1, 2, 3]);
    expect(findCurrentVersion(index)?.number).to.equal(KEPT_VERSIONS + 3);
  });

  it('keeps fewer when they are large, but always the one before', () => {
    expect(grow(5, KEPT_BYTES / 3).index.versions).to.have.length(3);
    expect(grow(5, KEPT_BYTES * 2).index.versions).to.have.length(2);
  });
});
