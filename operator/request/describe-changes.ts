import type { ResourceRun } from '../../crds/resource-run.ts';

/** What a plan does, in numbers; what stands out is what is destroyed. */
export function describeChanges(changes: NonNullable<ResourceRun['status']>['changes']): string {
  const { add = 0, change = 0, destroy = 0 } = changes ?? {};
  return `${add} to add, ${change} to change, ${destroy} to destroy`;
}

/** Whether a plan would change nothing. */
export function isEmpty({ status }: ResourceRun): boolean {
  const { add = 0, change = 0, destroy = 0 } = status?.changes ?? {};
  return add + change + destroy === 0;
}
