import type { ResourceRun } from '../../crds/resource-run.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import { readProject } from '../read-project.ts';
import type { PlanRecord } from '../state/plan-record.ts';
import type { Stores } from '../state/stores.ts';
import type { RunSpec, SavedPlan } from '../terraform/run-contract.ts';
import type { ApprovedClasses } from './approved-classes.ts';
import { composeRunSpec, isDestruction } from './compose-run-spec.ts';
import { InvalidRunInputsError } from './errors.ts';
import { findSavedPlan } from './saved-plans.ts';

/** What {@link loadRunSpec} reads from. */
export interface RunSpecSources {
  client: KubeClient;
  classes: ApprovedClasses;
  stores: Pick<Stores, 'generated' | 'identity' | 'outputs' | 'plans' | 'state'>;
  clock: Clock;
}

/**
 * Gathers what a run is made from and composes it. The class itself is not looked at: the
 * revision is what was approved, and it outlives the class.
 *
 * @throws {InvalidRunInputsError} if it cannot be composed
 * @throws {RunApiError} 412 if the plan that it is bound to must not be applied any more
 */
export async function loadRunSpec(sources: RunSpecSources, run: ResourceRun): Promise<RunSpec> {
  const { client, classes, stores } = sources;
  const { requestRef, classRevision } = run.spec;
  const [approvedClass, project, outputs, savedPlan] = await Promise.all([
    classes.find(classRevision),
    readProject(client, requestRef.namespace),
    stores.outputs.readAll(requestRef.uid),
    findSavedPlan(sources, run),
  ]);
  if (approvedClass === undefined) {
    throw new InvalidRunInputsError(`the class revision ${classRevision} is not there`);
  }
  const takenOver = isDestruction(run) ? undefined : savedPlan;
  const [identity, generated] = await Promise.all([
    takenOver === undefined
      ? stores.identity.find(requestRef.uid)
      : stores.identity.keep(requestRef.uid, takenOver.request.uid),
    stores.generated.obtain(requestRef.uid, approvedClass.spec.generated ?? {}, {
      rotation: run.metadata.annotations?.[OPERATOR_ANNOTATIONS.rotation],
      mayMakeNew: run.spec.action !== 'Check' && !isDestruction(run),
      // A plan that is older than its resource brings what it was made with.
      planned: takenOver?.generated,
    }),
  ]);
  return composeRunSpec({
    run,
    approvedClass,
    identity,
    project,
    outputs,
    generated,
    savedPlan: savedPlan && describeSavedPlan(savedPlan),
  });
}

function describeSavedPlan({ planDigest, ...rest }: PlanRecord): SavedPlan {
  const { lockFile, installation, fingerprints, stateVersion } = rest;
  return { digest: planDigest, lockFile, installation, fingerprints, stateVersion };
}
