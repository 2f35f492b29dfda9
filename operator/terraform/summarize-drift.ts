import type { Drift } from '../../crds/drift.ts';
import { DRIFT_LIMITS } from '../../crds/drift-limits.ts';
import { listAttributes } from './list-attributes.ts';
import type { PlanJson, ResourceChange } from './plan-json.ts';

type DriftAction = Drift['resources'][number]['action'];

/** Actions as the engine lists them; reading and doing nothing are no difference. */
const ACTIONS: Readonly<Record<string, DriftAction>> = {
  create: 'create',
  update: 'update',
  delete: 'delete',
  'delete,create': 'replace',
  'create,delete': 'replace',
};

/**
 * What an apply of the same inputs would do now: where what stands differs from what was applied.
 *
 * @param plan of those inputs, made just now
 * @param mask must know all secrets; keys of maps stand in addresses and names of attributes
 */
export function summarizeDrift(plan: PlanJson, mask: (text: string) => string): Drift {
  const resources = plan.resource_changes.flatMap((change) => describeResource(change, mask));
  return {
    resources: resources.slice(0, DRIFT_LIMITS.resources),
    omitted: Math.max(0, resources.length - DRIFT_LIMITS.resources),
  };
}

function describeResource(
  { address, change }: ResourceChange,
  mask: (text: string) => string,
): Drift['resources'] {
  const action = ACTIONS[change.actions.join(',')];
  if (action === undefined) return [];
  const names = action === 'create' ? [] : listAttributes(change, mask).map(({ path }) => path);
  const attributes = names
    .slice(0, DRIFT_LIMITS.attributes)
    .map((name) => shorten(mask(name), DRIFT_LIMITS.attribute));
  return [
    {
      address: shorten(mask(address), DRIFT_LIMITS.address),
      action,
      ...(attributes.length === 0 ? {} : { attributes }),
    },
  ];
}

function shorten(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
