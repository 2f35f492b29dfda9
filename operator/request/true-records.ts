import type { ResourceRequest, ResourceRequestStatus } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { lastRun, runOutcome } from './runs.ts';
import { appliedRun } from './sync.ts';

/**
 * Whether what the status says is applied agrees with the record of the run that applied it, which
 * stands where no tenant can write.
 */
export function hasTrueRecords(request: ResourceRequest, runs: readonly ResourceRun[]): boolean {
  const applied = request.status?.applied;
  if (applied === undefined) return true;
  const run = appliedRun(request, runs);
  return (
    run !== undefined &&
    hasApplied(run) &&
    run.spec.inputsDigest === applied.inputsDigest &&
    run.spec.classRevision === applied.classRevision
  );
}

/**
 * A request as it would be if its status agreed with its runs. Where no run says what is applied,
 * the status stays as it is: rather a person looks at it than something that stands is forgotten.
 *
 * @param runs as the API server has them: a cache that lags behind would make the truth look false
 */
export function withTrueRecords(
  request: ResourceRequest,
  runs: readonly ResourceRun[],
): ResourceRequest {
  if (hasTrueRecords(request, runs)) return request;
  const run = lastRun(runs.filter(hasApplied), 'Apply');
  if (run === undefined) return request;
  const applied: ResourceRequestStatus['applied'] = {
    inputsDigest: run.spec.inputsDigest,
    classRevision: run.spec.classRevision,
    run: run.metadata.name,
    at: run.status?.finishedAt,
  };
  return { ...request, status: { ...request.status, applied } };
}

function hasApplied(run: ResourceRun): boolean {
  return run.spec.action === 'Apply' && runOutcome(run) === 'succeeded';
}
