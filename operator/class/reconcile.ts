import { RESOURCE_CLASSES } from '../../crds/resource-types.ts';
import type { ResourceClass } from '../../crds/resource-class.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { ReconcileResult } from '../controller/outcome.ts';
import type { OwnWrites } from '../own-writes.ts';
import { writeStatus } from '../write-status.ts';
import { ClassDecisions } from './class-decisions.ts';
import type { ClassDecision } from './decide.ts';
import { findOtherInstallation } from './other-installation.ts';
import { ensureRevision, RevisionMismatchError } from './revision.ts';
import { classStatus, type ClassOutcome } from './status.ts';

/** What the class controller works with. */
export interface ClassReconcilerDeps {
  client: KubeClient;
  clock: Clock;
  classes: OwnWrites<ResourceClass>;
  /** How many requests name this class. */
  countRequests(className: string): number;
  runsNamespace: string;
}

/**
 * The reconcile function of ResourceClasses: check, keep the snapshot, say so in the status.
 *
 * @returns a function from the name of a class
 */
export function createClassReconciler(
  deps: ClassReconcilerDeps,
): (key: string) => Promise<ReconcileResult> {
  const decisions = new ClassDecisions();
  return async (key) => {
    const resourceClass = deps.classes.get(key);
    if (resourceClass === undefined || resourceClass.metadata.deletionTimestamp !== undefined) {
      return {};
    }
    // Whoever sees that ends this process; until then nothing of theirs is changed.
    if (findOtherInstallation(resourceClass, deps.runsNamespace) !== undefined) return {};
    const outcome = await act(deps, key, decisions.decide(resourceClass));
    const status = classStatus(resourceClass.status, outcome, {
      generation: resourceClass.metadata.generation ?? 0,
      runsNamespace: deps.runsNamespace,
      requests: deps.countRequests(key),
      now: deps.clock.now().toISOString(),
    });
    deps.classes.record(await writeStatus(deps.client, RESOURCE_CLASSES, resourceClass, status));
    return {};
  };
}

async function act(
  deps: ClassReconcilerDeps,
  className: string,
  decision: ClassDecision,
): Promise<ClassOutcome> {
  if (decision.kind === 'refuse') return { kind: 'refused', faults: decision.faults };
  const { spec, digest } = decision;
  try {
    const revisionName = await ensureRevision(deps.client, deps.runsNamespace, className, spec);
    return { kind: 'published', digest, revisionName };
  } catch (error) {
    if (!(error instanceof RevisionMismatchError)) throw error;
    return { kind: 'revision-mismatch', digest };
  }
}
