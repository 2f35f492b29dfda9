import type { ResourceClassSpec } from '../../crds/resource-class.ts';

/**
 * How many people have to agree to a deletion that needs an approval: as many as the class wants for
 * anything else, and at least one where everything else needs nobody.
 *
 * @param spec undefined where the class is gone
 * @param inForce how many it wanted of the revision in force
 */
export function approversOfDeletion(
  spec: Pick<ResourceClassSpec, 'approval'> | undefined,
  inForce = 1,
): number {
  return spec ? (spec.approval.approvers ?? 1) : Math.max(1, inForce);
}
