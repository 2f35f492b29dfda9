import { findCondition, REQUEST_CONDITIONS, RUN_CONDITION } from '../../crds/condition.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import { RUN_ACTIONS } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';

/** A number for one set of labels. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

const STATUSES = ['True', 'False', 'Unknown'] as const;

/** Requests by each of their conditions; every pair is there, also where it is 0. */
export function countRequests(requests: readonly ResourceRequest[]): Sample[] {
  return REQUEST_CONDITIONS.flatMap((condition) => {
    const found = requests.map(
      ({ status }) => findCondition(status?.conditions, condition)?.status ?? 'Unknown',
    );
    return STATUSES.map((status) => ({
      labels: { condition, status },
      value: found.filter((one) => one === status).length,
    }));
  });
}

/** By action, the age of the oldest run that has a Job and no end; 0 where there is none. */
export function ageOfOldestRuns(runs: readonly ResourceRun[], now: number): Sample[] {
  const working = runs.filter(
    ({ status }) =>
      !['True', 'False'].includes(findCondition(status?.conditions, RUN_CONDITION)?.status ?? ''),
  );
  return RUN_ACTIONS.map((action) => {
    const ages = working
      .filter(({ spec, status }) => spec.action === action && status?.startedAt !== undefined)
      .map(({ status }) => (now - Date.parse(status?.startedAt ?? '')) / 1_000);
    return { labels: { action }, value: Math.max(0, ...ages) };
  });
}
