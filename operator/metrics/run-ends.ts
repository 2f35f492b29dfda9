import { findCondition, RUN_CONDITION } from '../../crds/condition.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { keyOf } from '../../lib/kube/objects.ts';

/** How a run ended. */
export interface RunEnd {
  action: string;
  /** `succeeded`, or the type of the failure. */
  result: string;
  /** From its creation to its Job; undefined where it never had one. */
  queuedSeconds: number | undefined;
  /** From its Job to its result. */
  workingSeconds: number | undefined;
}

/** Tells each end of a run once: of those that were seen before they ended. */
export class RunEnds {
  readonly #unfinished = new Set<string>();

  /** @returns how the run ended, if it has ended since it was last seen */
  see(run: ResourceRun): RunEnd | undefined {
    const status = findCondition(run.status?.conditions, RUN_CONDITION)?.status ?? 'Unknown';
    if (status === 'Unknown') {
      this.#unfinished.add(keyOf(run));
      return undefined;
    }
    return this.#unfinished.delete(keyOf(run)) ? describeEnd(run, status === 'True') : undefined;
  }

  forget(run: ResourceRun): void {
    this.#unfinished.delete(keyOf(run));
  }
}

function describeEnd({ metadata, spec, status }: ResourceRun, isSuccess: boolean): RunEnd {
  return {
    action: spec.action,
    result: isSuccess ? 'succeeded' : (status?.failure?.type ?? 'Internal'),
    queuedSeconds: secondsBetween(metadata.creationTimestamp, status?.startedAt),
    workingSeconds: secondsBetween(status?.startedAt, status?.finishedAt),
  };
}

/** Creation times are whole seconds, so a quick start could seem to lie before them. */
function secondsBetween(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1_000);
}
