import { expect } from 'chai';
import { judgePlan, type PlanQuestion } from '../../../../operator/state/judge-plan.ts';
import type { PlanRecord } from '../../../../operator/state/plan-record.ts';

const PLAN: PlanRecord = {
  planDigest: `sha256:${'a'.repeat(64)}`,
  run: 'orders-plan-1',
  request: { namespace: 'acme-shop', name: 'orders', uid: 'u1' },
  inputsDigest: 'sha256:inputs',
  classRevision: 'postgres-1',
  stateVersion: 4,
  lockFile: '',
  fingerprints: {},
  generated: {},
  createdAt: '2026-01-01T00:00:00.000Z',
  chunks: 1,
};

const QUESTION: PlanQuestion = {
  request: { namespace: 'acme-shop', name: 'orders' },
  inputsDigest: 'sha256:inputs',
  classRevision: 'postgres-1',
  stateVersion: 4,
  lifetimeMs: 3_600_000,
  now: new Date('2026-01-01T00:30:00Z'),
};

describe('a saved plan', () => {
  const CASES: {
    title: string;
    plan?: PlanRecord | 'altered' | undefined;
    question?: Partial<PlanQuestion>;
    problem: string | undefined;
  }[] = [
    { title: 'that is gone', plan: undefined, problem: 'PlanMissing' },
    { title: 'that was altered', plan: 'altered', problem: 'PlanAltered' },
    {
      title: 'of another request',
      question: { request: { namespace: 'acme-shop', name: 'other' } },
      problem: 'OtherRequest',
    },
    {
      title: 'of the same name in another namespace',
      question: { request: { namespace: 'rival-shop', name: 'orders' } },
      problem: 'OtherRequest',
    },
    {
      title: 'of another revision of the class',
      question: { classRevision: 'postgres-2' },
      problem: 'OtherClass',
    },
    {
      title: 'for other parameters',
      question: { inputsDigest: 'sha256:edited' },
      problem: 'OtherInputs',
    },
    {
      title: 'past its end',
      question: { now: new Date('2026-01-01T01:00:00Z') },
      problem: 'PlanExpired',
    },
    { title: 'on a state that has moved on', question: { stateVersion: 5 }, problem: 'StateMoved' },
    { title: 'on a state that was restored', question: { stateVersion: 3 }, problem: 'StateMoved' },
  ];
  for (const { title, problem, question, ...rest } of CASES) {
    it(`${title} is refused: ${problem}`, () => {
      const plan = 'plan' in rest ? rest.plan : PLAN;
      expect(judgePlan(plan, { ...QUESTION, ...question })).to.equal(problem);
    });
  }

  it('that fits in everything is applied', () => {
    expect(judgePlan(PLAN, QUESTION)).to.equal(undefined);
  });
});
