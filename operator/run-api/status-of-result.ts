import { RUN_CONDITION, setCondition } from '../../crds/condition.ts';
import type { ResourceRun, ResourceRunStatus } from '../../crds/resource-run.ts';
import type { ReportedResult } from './run-result.ts';

/** Longest text of a condition: one that fits a line; the whole text is in `failure`. */
const CONDITION_MESSAGE_LIMIT = 512;

/**
 * The status of a run after its result.
 *
 * @param run as it stands
 * @param result what was reported
 * @param now the time
 */
export function statusOfResult(
  run: ResourceRun,
  result: ReportedResult,
  now: Date,
): ResourceRunStatus {
  const generation = run.metadata.generation ?? 1;
  const time = now.toISOString();
  const { failure, changes, planDigest, drift } = result;
  const message = failure?.message.slice(0, CONDITION_MESSAGE_LIMIT) ?? 'The run succeeded.';
  return {
    ...run.status,
    observedGeneration: generation,
    finishedAt: time,
    ...omitAbsent({ changes, planDigest, drift, failure }),
    conditions: setCondition(
      run.status?.conditions,
      {
        type: RUN_CONDITION,
        status: failure === undefined ? 'True' : 'False',
        reason: failure?.type ?? 'Succeeded',
        message,
      },
      { observedGeneration: generation, now: time },
    ),
  };
}

/** A field that was not reported leaves what stands there. */
function omitAbsent<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [K in keyof T]?: NonNullable<T[K]> };
}
