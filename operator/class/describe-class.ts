import { findCondition } from '../../crds/condition.ts';
import type { ResourceClass } from '../../crds/resource-class.ts';

/** What stands for a class that is not there. */
const GONE = '';

/**
 * Everything about a class that its requests look at, as a text to compare; what its status counts
 * is no news to them.
 *
 * @returns undefined while this generation was not checked yet: until then there is nothing that a
 *   request could do, and the check is followed by another change
 */
export function describeClass(resourceClass: ResourceClass | undefined): string | undefined {
  if (resourceClass === undefined) return GONE;
  const { metadata, status } = resourceClass;
  if (status?.observedGeneration !== metadata.generation) return undefined;
  const ready = findCondition(status?.conditions, 'Ready');
  const { uid, generation } = metadata;
  return JSON.stringify([uid, generation, status?.digest, ready?.status, ready?.message]);
}
