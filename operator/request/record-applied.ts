import type { ResourceRequest, ResourceRequestStatus } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { runOutcome } from './runs.ts';

/**
 * The run in the status, where it has applied what it was made for. What is to go has its runs recorded one
 * by one, since each of them may be the last.
 */
export function findAppliedRun(
  { metadata, status }: ResourceRequest,
  runs: readonly ResourceRun[],
): ResourceRun | undefined {
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const run = runs.find((candidate) => candidate.metadata.name === status?.run?.name);
  return run?.spec.action === 'Apply' && runOutcome(run) === 'succeeded' ? run : undefined;
}

/**
 * The status of a request once a run that has applied something is recorded: from the run's own record,
 * since the request may have been edited while it ran.
 */
export function recordApplied(
  status: ResourceRequestStatus,
  { metadata, spec, status: ended }: ResourceRun,
  now: Date,
): ResourceRequestStatus {
  return {
    ...status,
    run: undefined,
    failure: undefined,
    applied: {
      inputsDigest: spec.inputsDigest,
      classRevision: spec.classRevision,
      run: metadata.name,
      at: ended?.finishedAt ?? now.toISOString(),
    },
  };
}
