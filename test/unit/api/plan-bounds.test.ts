import { expect } from 'chai';
import { isInsideBounds, type BoundedPlan } from '../../../api/policies/judge-plan-bounds.ts';
import { costOfPlan } from '../../../api/policies/plan-cost.ts';
import type { ResourceClassSpec } from '../../../crds/resource-class.ts';
import type { PlanAction } from '../../../crds/run-plan.ts';
import { buildClass } from '../../support/requests/class-objects.ts';

const PRICES = { database: 15, cache: 5 };

function plan(actions: [string, PlanAction][], changes: Partial<BoundedPlan> = {}): BoundedPlan {
  const resources = actions.map(([type, action]) => ({
    ...{ address: `${type}.main`, type, action, attributes: [], attributesOmitted: 0 },
  }));
  return {
    ...{ resources, resourcesOmitted: 0, changes: { add: 1, change: 0, destroy: 0 } },
    ...changes,
  };
}

function ruled(autoApprove: object | undefined, cost: object | undefined): ResourceClassSpec {
  const approval = { mode: 'Automatic', autoApprove };
  return buildClass('bounded', { approval, cost }).spec;
}

describe('the bounds of what the platform approves', () => {
  const cases: {
    title: string;
    bounds: object | undefined;
    cost?: object;
    plan: BoundedPlan;
    isFirst?: boolean;
    inside: boolean;
  }[] = [
    { title: 'nothing without bounds', bounds: undefined, plan: plan([]), inside: false },
    {
      title: 'not more that is destroyed than they allow',
      bounds: { maxDestroy: 1 },
      plan: plan([], { changes: { add: 0, change: 0, destroy: 2 } }),
      inside: false,
    },
    {
      title: 'as much that is destroyed as they allow',
      bounds: { maxDestroy: 1 },
      plan: plan([], { changes: { add: 0, change: 0, destroy: 1 } }),
      inside: true,
    },
    {
      title: 'nothing of unknown cost where they name one',
      bounds: { maxDestroy: 0, maxMonthlyCost: 100 },
      plan: plan([]),
      inside: false,
    },
    {
      title: 'not more cost than they allow, by the price of the class',
      bounds: { maxDestroy: 0, maxMonthlyCost: 10 },
      cost: { monthly: 11, currency: 'EUR' },
      plan: plan([]),
      inside: false,
    },
    {
      title: 'not more cost than they allow, by the prices of the resources',
      bounds: { maxDestroy: 0, maxMonthlyCost: 19 },
      cost: { monthly: 1, currency: 'EUR', resources: PRICES },
      plan: plan([
        ['database', 'create'],
        ['cache', 'create'],
      ]),
      inside: false,
    },
    {
      title: 'not a change on top of what stands',
      bounds: { maxDestroy: 0, maxMonthlyCost: 24 },
      cost: { monthly: 20, currency: 'EUR', resources: PRICES },
      plan: plan([['cache', 'create']]),
      isFirst: false,
      inside: false,
    },
    {
      title: 'what costs as much as they allow',
      bounds: { maxDestroy: 0, maxMonthlyCost: 20 },
      cost: { monthly: 1, currency: 'EUR', resources: PRICES },
      plan: plan([
        ['database', 'create'],
        ['cache', 'create'],
      ]),
      inside: true,
    },
  ];
  for (const { title, bounds, cost, plan: shown, isFirst = true, inside } of cases) {
    it(`take in ${title}`, () => {
      expect(isInsideBounds(ruled(bounds, cost), shown, isFirst)).to.equal(inside);
    });
  }

  it('tell the cost before and after, of the class and of what is touched', () => {
    const shown = plan([
      ['database', 'create'],
      ['cache', 'delete'],
      ['unknown', 'update'],
    ]);
    const cost = { monthly: 20, currency: 'EUR', resources: PRICES };
    expect(costOfPlan(cost, shown, false)).to.deep.equal({
      currency: 'EUR',
      class: { before: 20, after: 20 },
      resources: { before: 5, after: 15 },
    });
    expect(costOfPlan(cost, { ...shown, resourcesOmitted: 1 }, true)?.resources).to.equal(null);
    expect(costOfPlan(undefined, shown, true)).to.equal(null);
  });
});
