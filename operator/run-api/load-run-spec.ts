import { LABELS } from '../../crds/constants.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { readRevision } from '../class/revision.ts';
import type { Stores } from '../state/stores.ts';
import type { RunSpec } from '../terraform/run-contract.ts';
import { composeRunSpec, type RunIngredients } from './compose-run-spec.ts';
import { InvalidRunInputsError } from './errors.ts';

/** What {@link loadRunSpec} reads from. */
export interface RunSpecSources {
  client: KubeClient;
  /** The runs namespace. */
  namespace: string;
  stores: Pick<Stores, 'generated' | 'outputs'>;
}

/**
 * Gathers what a run is made from and composes it. The class itself is not looked at: the
 * revision is what was approved, and it outlives the class.
 *
 * @throws {InvalidRunInputsError} if it cannot be composed
 */
export async function loadRunSpec(sources: RunSpecSources, run: ResourceRun): Promise<RunSpec> {
  const { client, namespace, stores } = sources;
  const { requestRef, classRevision } = run.spec;
  const [classSpec, project, outputs] = await Promise.all([
    readRevision(client, namespace, classRevision),
    readProject(client, requestRef.namespace),
    stores.outputs.readAll(requestRef.uid),
  ]);
  if (classSpec === undefined) {
    throw new InvalidRunInputsError(`the class revision ${classRevision} is not there`);
  }
  const generated = await stores.generated.obtain(requestRef.uid, classSpec.generated ?? {});
  return composeRunSpec({ run, classSpec, project, outputs, generated });
}

/** Only the platform can label a namespace; a request's own labels prove nothing. */
async function readProject(client: KubeClient, name: string): Promise<RunIngredients['project']> {
  const labels = (await client.get(RESOURCE_TYPES.namespaces, { name }))?.metadata.labels;
  return {
    organization: labels?.[LABELS.organization],
    project: labels?.[LABELS.project],
  };
}
