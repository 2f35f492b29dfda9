import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { parseDuration } from '../../lib/duration.ts';

/** Most plans of the same that are made without anybody asking for another one. */
const MOST_PLANS = 5;

/**
 * When a plan can be approved no more.
 *
 * @returns undefined where the class sets no end
 */
export function planEnd(
  { status }: ResourceRun,
  { approval }: Pick<ResourceClassSpec, 'approval'>,
): Date | undefined {
  const { finishedAt } = status ?? {};
  if (finishedAt === undefined || approval.expiresAfter === undefined) return undefined;
  return new Date(Date.parse(finishedAt) + parseDuration(approval.expiresAfter));
}

/** Whether a plan that has expired is made anew by itself: nobody may be left who wants it. */
export function isMadeAnew({ spec }: ResourceRun): boolean {
  return spec.attempt < MOST_PLANS;
}
