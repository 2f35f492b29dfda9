import { deletionDigest } from '../../../crds/approval.ts';
import { RUN_ANNOTATIONS } from '../../../crds/constants.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import { buildOrderedRun, type OrderedPlan } from './build-plan-run.ts';

/** The deletion that is to be planned. */
export interface PlannedDeletion extends OrderedPlan {
  resourceUid: string;
}

/**
 * The Apply run whose work a deletion destroys: the last one, whether it succeeded or left something
 * half made. That is the operator's rule too.
 *
 * @param runs of one request
 * @returns undefined where nothing would be destroyed: nothing was made, or it was approved to stay
 */
export function findDestroyedWork(runs: readonly ResourceRun[]): ResourceRun | undefined {
  const made = runs
    .filter(({ spec }) => spec.action === 'Apply')
    .toSorted((left, right) => sequenceOf(left) - sequenceOf(right))
    .at(-1);
  const policy = made?.metadata.annotations?.[RUN_ANNOTATIONS.deletionPolicy];
  return policy === 'Retain' ? undefined : made;
}

/**
 * The Plan run of a deletion: with the class revision and the parameters that were applied, whatever
 * is asked for or offered by now.
 *
 * @param made the run whose work is destroyed
 * @param runsNamespace where it goes
 */
export function buildDeletionPlan(
  planned: PlannedDeletion,
  made: ResourceRun,
  runsNamespace: string,
): ResourceRun {
  const { namespace, name, resourceUid: uid } = planned;
  const { classRevision, parameters } = made.spec;
  const rotation = made.metadata.annotations?.[RUN_ANNOTATIONS.rotation];
  const work = {
    uid,
    spec: {
      ...{ classRevision, inputsDigest: deletionDigest({ namespace, name, uid }), destroys: true },
      ...(parameters === undefined ? {} : { parameters }),
    },
    annotations: rotation === undefined ? {} : { [RUN_ANNOTATIONS.rotation]: rotation },
  };
  return buildOrderedRun(planned, work, runsNamespace);
}

function sequenceOf({ metadata }: ResourceRun): number {
  return Number(metadata.annotations?.[RUN_ANNOTATIONS.sequence] ?? 0);
}
