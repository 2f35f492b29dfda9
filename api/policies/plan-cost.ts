import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import type { PlannedResource, RunPlan } from '../../crds/run-plan.ts';

/** A monthly price before and after. */
export interface CostChange {
  before: number;
  after: number;
}

/** What a plan does to the monthly cost. */
export interface PlanCost {
  currency: string;
  /** By the price of the class. */
  class: CostChange;
  /** Of the resources that the plan touches, where the class has prices of resources. */
  resources: CostChange | null;
}

/** The part of a plan that costs something. */
export type PricedPlan = Pick<RunPlan, 'resources' | 'resourcesOmitted'>;

const STANDS_BEFORE: readonly PlannedResource['action'][] = ['update', 'replace', 'delete'];
const STANDS_AFTER: readonly PlannedResource['action'][] = ['create', 'update', 'replace'];

/**
 * The monthly cost before and after a plan; null for a class without a price.
 *
 * @param isFirst whether nothing stands yet
 */
export function costOfPlan(
  cost: ResourceClassSpec['cost'],
  plan: PricedPlan,
  isFirst: boolean,
): PlanCost | null {
  if (cost === undefined) return null;
  const { currency, monthly, resources: prices } = cost;
  return {
    currency,
    class: { before: isFirst ? 0 : monthly, after: monthly },
    resources: prices === undefined ? null : priceResources(prices, plan),
  };
}

/** Null too where not all resources are known: a sum that leaves some out would mislead. */
function priceResources(
  prices: Record<string, number>,
  { resources, resourcesOmitted }: PricedPlan,
): CostChange | null {
  if (resourcesOmitted > 0) return null;
  const total = (actions: readonly string[]): number =>
    resources
      .filter(({ action }) => actions.includes(action))
      .reduce((sum, { type }) => sum + (prices[type] ?? 0), 0);
  return { before: total(STANDS_BEFORE), after: total(STANDS_AFTER) };
}

/**
 * The monthly cost of everything after a plan, as high as it may be; undefined where it is not known.
 * What a plan of a change does not touch is in the price of the class alone.
 */
export function monthlyCostAfter(
  cost: ResourceClassSpec['cost'],
  plan: PricedPlan,
  isFirst: boolean,
): number | undefined {
  if (cost?.resources === undefined) return cost?.monthly;
  const resources = priceResources(cost.resources, plan);
  if (resources === null) return undefined;
  return isFirst
    ? Math.max(resources.after, cost.monthly)
    : Math.max(cost.monthly + resources.after - resources.before, resources.after);
}
