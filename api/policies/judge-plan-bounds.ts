import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import type { RunPlan } from '../../crds/run-plan.ts';
import { monthlyCostAfter } from './plan-cost.ts';

/** A plan, as far as the bounds of a class are concerned. */
export type BoundedPlan = Pick<RunPlan, 'resources' | 'resourcesOmitted' | 'changes'>;

/**
 * Whether the platform may approve a plan by itself: the class has bounds, and the plan is inside
 * every one of them. What is not known is outside.
 *
 * @param isFirst whether nothing stands yet
 */
export function isInsideBounds(
  { approval, cost }: Pick<ResourceClassSpec, 'approval' | 'cost'>,
  plan: BoundedPlan,
  isFirst: boolean,
): boolean {
  const bounds = approval.autoApprove;
  if (bounds === undefined) return false;
  if (plan.changes.destroy > bounds.maxDestroy) return false;
  if (bounds.maxMonthlyCost === undefined) return true;
  const monthly = monthlyCostAfter(cost, plan, isFirst);
  return monthly !== undefined && monthly <= bounds.maxMonthlyCost;
}
