import { canonicalJson } from '../../lib/canonical-json.ts';
import type { PlanJson, ResourceChange } from './plan-json.ts';

/**
 * Where the world has moved between two plans of the same inputs: addresses at which another action
 * would be taken now, or what is there now is not what was there then. Values that are only known
 * after apply, and values computed anew by each plan (a time, a random suffix), do not count:
 * they are in the saved plan, and the saved plan is what is applied.
 *
 * @param saved the plan that was approved
 * @param current a plan made just now
 * @returns addresses, sorted; empty when nothing has moved
 */
export function findMovedResources(saved: PlanJson, current: PlanJson): string[] {
  const before = fingerprints(saved);
  const now = fingerprints(current);
  const addresses = new Set([...before.keys(), ...now.keys()]);
  return [...addresses].filter((address) => before.get(address) !== now.get(address)).sort();
}

function fingerprints(plan: PlanJson): Map<string, string> {
  return new Map(
    plan.resource_changes
      .filter(({ change }) => change.actions.join() !== 'read')
      .map((change) => [change.address, fingerprint(change)]),
  );
}

function fingerprint({ change }: ResourceChange): string {
  return canonicalJson({ actions: change.actions, before: change.before ?? null });
}
