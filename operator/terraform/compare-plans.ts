import { createHash } from '../../lib/node-crypto.ts';
import { canonicalJson } from '../../lib/canonical-json.ts';
import type { PlanJson, ResourceChange } from './plan-json.ts';

/** Hexadecimal digits kept of each fingerprint: 64 bits, to compare with, not to prove. */
const DIGITS = 16;

/** By address, what stands there before the plan and what the plan does about it. */
export type PlanFingerprints = Record<string, string>;

/**
 * The fingerprints of a plan. Values that are only known after apply, and values computed anew by
 * each plan (a time, a random suffix), do not count: they are in the saved plan, and the saved plan
 * is what is applied.
 */
export function fingerprintPlan(plan: PlanJson): PlanFingerprints {
  return Object.fromEntries(
    plan.resource_changes
      .filter(({ change }) => change.actions.join() !== 'read')
      .map((change) => [change.address, fingerprint(change)]),
  );
}

/**
 * Where the world has moved between two plans of the same inputs: addresses at which another action
 * would be taken now, or what is there now is not what was there then.
 *
 * @param saved of the plan that was approved
 * @param current of a plan made just now
 * @returns addresses, sorted; empty when nothing has moved
 */
export function findMovedResources(saved: PlanFingerprints, current: PlanFingerprints): string[] {
  const addresses = new Set([...Object.keys(saved), ...Object.keys(current)]);
  return [...addresses].filter((address) => saved[address] !== current[address]).sort();
}

function fingerprint({ change }: ResourceChange): string {
  const text = canonicalJson({ actions: change.actions, before: change.before ?? null });
  return createHash('sha256').update(text).digest('hex').slice(0, DIGITS);
}
