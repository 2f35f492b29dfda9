import type { ResourceClass } from '../../crds/resource-class.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { runOutcome } from '../request/runs.ts';

/** Runs after which it is known that what stands is what was applied, or how it differs. */
const KNOWING: readonly string[] = ['Check', 'Apply'];

/**
 * Of all requests that stand and whose class asks for checks, the one that was looked at longest ago:
 * seconds since its last good check, or since it was applied; 0 where there is none.
 */
export function ageOfOldestCheck(
  seen: {
    requests: readonly ResourceRequest[];
    runs: readonly ResourceRun[];
    classes: readonly ResourceClass[];
  },
  now: number,
): number {
  const checked = new Set(
    seen.classes
      .filter(({ spec }) => spec.drift !== undefined)
      .map(({ metadata }) => metadata.name),
  );
  const looks = lastLooks(seen.runs);
  const ages = seen.requests
    .filter((request) => isStanding(request) && checked.has(request.spec.className))
    .map(
      ({ metadata, status }) =>
        looks.get(metadata.uid ?? '') ?? Date.parse(status?.applied?.at ?? ''),
    )
    .filter((time) => !Number.isNaN(time))
    .map((time) => (now - time) / 1_000);
  return ages.reduce((oldest, age) => Math.max(oldest, age), 0);
}

function isStanding({ metadata, status }: ResourceRequest): boolean {
  return (
    status?.applied !== undefined &&
    status.failure === undefined &&
    metadata.deletionTimestamp === undefined
  );
}

/** By uid of the request, when it was looked at last. */
function lastLooks(runs: readonly ResourceRun[]): Map<string, number> {
  const looks = new Map<string, number>();
  for (const run of runs) {
    if (!KNOWING.includes(run.spec.action) || runOutcome(run) !== 'succeeded') continue;
    const { uid } = run.spec.requestRef;
    const time = Date.parse(run.status?.finishedAt ?? '');
    if (time > (looks.get(uid) ?? 0)) looks.set(uid, time);
  }
  return looks;
}
