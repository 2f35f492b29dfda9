import { expect } from 'chai';
import type { ResourceClass } from '../../../../crds/resource-class.ts';
import { ClassDecisions } from '../../../../operator/class/class-decisions.ts';
import { trivialClass } from '../../../support/runs/run-world.ts';

describe('What is decided about a class', () => {
  const build = (uid: string, generation: number, spec: object = trivialClass): ResourceClass =>
    ({ metadata: { name: 'trivial', uid, generation }, spec }) as unknown as ResourceClass;
  const broken = { ...trivialClass, parameters: { type: 'string' } };

  it('is decided anew when its spec has changed', () => {
    const decisions = new ClassDecisions();
    expect(decisions.decide(build('uid', 1)).kind).to.equal('publish');
    expect(decisions.decide(build('uid', 2, broken)).kind).to.equal('refuse');
  });

  it('is decided anew when it was deleted and made again', () => {
    const decisions = new ClassDecisions();
    expect(decisions.decide(build('before', 1)).kind).to.equal('publish');
    expect(decisions.decide(build('after', 1, broken)).kind).to.equal('refuse');
  });

  it('is decided once as long as its spec is the same', () => {
    const decisions = new ClassDecisions();
    const first = decisions.decide(build('uid', 1));
    expect(decisions.decide(build('uid', 1))).to.equal(first);
  });
});
