import { expect } from 'chai';
import { buildPlanRun, planRunName } from '../../../api/sync/plans/build-plan-run.ts';
import { needsRun, type DecidedPlan } from '../../../api/sync/plans/decided-plans.ts';
import { judgePlannedRow, type PlanStep } from '../../../api/sync/plans/judge-planned-row.ts';
import type { PlannedRow } from '../../../api/sync/plans/planned-row.ts';
import { readOfferedClass } from '../../../api/sync/classes/offered-class.ts';
import { deletionDigest, inputsDigest } from '../../../crds/approval.ts';
import { isAheadOfResource, readPlanOrder } from '../../../crds/plan-order.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import { buildClass } from '../../support/requests/class-objects.ts';

const NOW = new Date('2026-05-01T12:00:00Z');
const MINUTE_MS = 60_000;
const approval = {
  ...{ mode: 'Manual', preview: 'Required', expiresAfter: '1h', onDelete: 'Manual' },
};
const offered = readOfferedClass(buildClass('planned', { approval }))!;
const plain = readOfferedClass(buildClass('plain'))!;
const inputs = inputsDigest({
  ...{ classDigest: offered.digest, namespace: 'shop', name: 'orders', parameters: {} },
  deletionPolicy: undefined,
});

const deletion = deletionDigest({ namespace: 'shop', name: 'orders', uid: 'u1' });

function row(changes: Partial<PlannedRow> = {}): PlannedRow {
  return {
    ...{ id: 'r1', organization_id: 'o1', organization_slug: 'acme', project_slug: 'shop' },
    ...{ project_namespace: 'shop', name: 'orders', class_name: 'planned', origin: 'api' },
    ...{ status: 'pending', resource_namespace: null, resource_uid: null, revision: 2 },
    ...{ parameters: {}, reason: null, deletion_policy: null, plan_attempt: 1, plan_run: 'run' },
    ...{ plan_status: 'ready', plan_digest: 'sha256:plan', plan_inputs_digest: inputs },
    ...{ plan_failure: null, plan_at: NOW, deletes: false },
    ...changes,
  };
}

const failed = (type: string, attempt: number): Partial<PlannedRow> => ({
  ...{ plan_status: 'failed', plan_attempt: attempt, plan_failure: { type, message: 'x' } },
});

describe('what is done about plans that wait', () => {
  const cases: {
    title: string;
    row: PlannedRow;
    hasRun?: boolean;
    afterMs?: number;
    step: string;
  }[] = [
    { title: 'one that is ready stays', row: row(), step: 'nothing' },
    {
      title: 'one is ordered where the class has come to want it',
      row: row({ plan_status: null }),
      step: 'order',
    },
    {
      title: 'one of other inputs is made anew',
      row: row({ plan_inputs_digest: 'sha256:old' }),
      step: 'outdate anew',
    },
    { title: 'one whose run is not seen yet stays', row: row(), hasRun: false, step: 'nothing' },
    {
      title: 'one whose run is gone is made anew',
      row: row(),
      ...{ hasRun: false, afterMs: MINUTE_MS },
      step: 'outdate anew',
    },
    {
      title: 'one that has expired is made anew',
      row: row(),
      afterMs: 60 * MINUTE_MS,
      step: 'outdate anew',
    },
    {
      title: 'one that has expired often waits for somebody who still wants it',
      row: row({ plan_attempt: 5 }),
      afterMs: 60 * MINUTE_MS,
      step: 'outdate',
    },
    {
      title: 'an order that was lost is given again',
      row: row({ plan_status: 'planning' }),
      ...{ hasRun: false, afterMs: MINUTE_MS },
      step: 'remind',
    },
    {
      title: 'an order is given time',
      row: row({ plan_status: 'planning' }),
      hasRun: false,
      step: 'nothing',
    },
    {
      title: 'one that failed for a passing reason is tried again',
      row: row(failed('StateLocked', 1)),
      step: 'order',
    },
    {
      title: 'but not for ever',
      row: row(failed('StateLocked', 5)),
      step: 'nothing',
    },
    {
      title: 'one that failed by its own fault waits for a person',
      row: row(failed('Configuration', 1)),
      step: 'nothing',
    },
    {
      title: 'one of a deletion holds although the class asks for something else by now',
      row: row({ deletes: true, resource_uid: 'u1', plan_inputs_digest: deletion }),
      step: 'nothing',
    },
    {
      title: 'one of an apply is none of a deletion',
      row: row({ deletes: true, resource_uid: 'u1' }),
      step: 'outdate anew',
    },
    {
      title: 'one of a deletion that the operator made is its own to mind',
      row: row({ deletes: true, plan_attempt: 0, plan_inputs_digest: 'sha256:old' }),
      step: 'nothing',
    },
    {
      title: 'one of the operator is its own to mind',
      row: row({ origin: 'cluster', plan_inputs_digest: 'sha256:old' }),
      step: 'nothing',
    },
  ];
  for (const { title, row: waiting, hasRun = true, afterMs = 0, step } of cases) {
    it(title, () => {
      const now = new Date(NOW.getTime() + afterMs);
      expect(describeStep(judgePlannedRow(waiting, { offered, hasRun, now }))).to.equal(step);
    });
  }

  it('nothing, of a class that wants no plans', () => {
    const circumstances = { offered: plain, hasRun: false, now: NOW };
    expect(judgePlannedRow(row({ plan_status: null }), circumstances).kind).to.equal('nothing');
  });

  it('is remembered of a deletion although its class is gone', () => {
    const waiting = row({ deletes: true, plan_status: 'planning' });
    const later = new Date(NOW.getTime() + MINUTE_MS);
    const circumstances = { offered: undefined, hasRun: false, now: later };
    expect(judgePlannedRow(waiting, circumstances).kind).to.equal('remind');
    const change = { ...waiting, deletes: false };
    expect(judgePlannedRow(change, circumstances).kind).to.equal('nothing');
  });

  function describeStep(step: PlanStep): string {
    return step.kind === 'outdate' && step.anew ? 'outdate anew' : step.kind;
  }
});

function order(changes: { resourceUid?: string | null; attempt?: number } = {}): ResourceRun {
  return buildPlanRun(
    {
      ...{ requestId: 'r1', organizationSlug: 'acme', projectSlug: 'shop', namespace: 'shop' },
      ...{ name: 'orders', resourceUid: null, className: 'planned', classDigest: offered.digest },
      ...{ classRevision: 'planned-1', parameters: {}, deletionPolicy: null },
      ...{ revision: 2, attempt: 1, ...changes },
    },
    'runs',
  );
}

describe('a run that the api orders', () => {
  it('has a name of its own for each attempt, and the same one each time', () => {
    const names = [1, 1, 2].map((attempt) => order({ attempt }).metadata.name);
    expect(names[0]).to.equal(names[1]);
    expect(names[0]).not.to.equal(names[2]);
    const key = { requestId: 'r1', name: 'orders', revision: 2, attempt: 1 };
    expect(names[0])
      .to.equal(planRunName(key))
      .and.match(/^orders-plan-[0-9a-f]{12}$/);
  });

  it('says what it is for, and is bound to what is asked for', () => {
    const run = order();
    expect(readPlanOrder(run)).to.deep.equal({ requestId: 'r1', revision: 2 });
    expect(run.spec).to.deep.include({ action: 'Plan', inputsDigest: inputs });
  });

  it('is ahead of its resource until there is one, and never when it is no plan', () => {
    expect(isAheadOfResource(order())).to.equal(true);
    expect(isAheadOfResource(order({ resourceUid: 'u1' }))).to.equal(false);
    const apply = order();
    apply.spec.action = 'Apply';
    expect(isAheadOfResource(apply)).to.equal(false);
  });

  const plan: DecidedPlan = {
    ...{ request_id: 'r1', revision: 2, status: 'pending', plan_status: 'ready', plan_attempt: 1 },
    ...{ plan_digest: 'sha256:plan', request_status: 'pending', in_force: 2 },
    ...{ approval_expires_at: null, deletes: false },
  };
  const approved = { ...plan, status: 'approved', request_status: 'approved' } as const;
  const applied: ResourceRun = {
    ...order(),
    spec: { ...order().spec, action: 'Apply', planDigest: 'sha256:plan' },
    status: {
      conditions: [
        {
          ...{ type: 'Succeeded', status: 'True', reason: 'Succeeded', message: '' },
          lastTransitionTime: NOW.toISOString(),
        },
      ],
    },
  };
  const ending = { ...approved, deletes: true, request_status: 'deleting' } as const;
  const destroyed: ResourceRun = { ...applied, spec: { ...applied.spec, action: 'Destroy' } };
  const uses: { title: string; plans: DecidedPlan[]; runs?: ResourceRun[]; needed: boolean }[] = [
    { title: 'while its plan waits', plans: [plan], needed: true },
    { title: 'while it is approved and not applied', plans: [approved], needed: true },
    { title: 'of a request that is gone', plans: [], needed: false },
    { title: 'of an earlier attempt', plans: [{ ...plan, plan_attempt: 2 }], needed: false },
    { title: 'when outdated', plans: [{ ...plan, plan_status: 'outdated' }], needed: false },
    ...(['rejected', 'superseded', 'cancelled'] as const).map((status) => ({
      ...{ title: `when ${status}`, plans: [{ ...plan, status }], needed: false },
    })),
    { title: 'when applied', plans: [approved], runs: [applied], needed: false },
    { title: 'while its deletion is approved', plans: [ending], runs: [applied], needed: true },
    { title: 'when destroyed', plans: [ending], runs: [destroyed], needed: false },
    { title: 'when overtaken', plans: [{ ...approved, in_force: 3 }], needed: false },
    {
      title: 'under an approval that has ended',
      plans: [{ ...approved, approval_expires_at: NOW }],
      needed: false,
    },
  ];
  for (const { title, plans, runs = [], needed } of uses) {
    it(`is ${needed ? '' : 'not '}needed ${title}`, () => {
      expect(needsRun(order(), { plans, runs, now: NOW })).to.equal(needed);
    });
  }
});
