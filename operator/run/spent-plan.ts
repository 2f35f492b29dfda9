import type { ResourceRun } from '../../crds/resource-run.ts';
import { runOutcome } from '../request/runs.ts';

/**
 * The plan that a finished run was bound to, if nobody can use it any more: it is applied, or turned out to
 * be outdated. It holds secrets, so it does not stay.
 *
 * @returns its digest
 */
export function findSpentPlan(run: ResourceRun): string | undefined {
  const { action, planDigest } = run.spec;
  if (action === 'Plan') return undefined;
  const isOutdated = run.status?.failure?.type === 'PlanOutdated';
  return runOutcome(run) === 'succeeded' || isOutdated ? planDigest : undefined;
}
