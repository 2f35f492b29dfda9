import { classDigest } from '../../crds/approval.ts';
import { LABELS, MANAGED_BY } from '../../crds/constants.ts';
import { resourceClassSpecSchema, type ResourceClassSpec } from '../../crds/resource-class.ts';
import { QuartermasterError } from '../../lib/errors.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { ControllerRevision } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';

/** How much of a digest makes a name. */
const DIGEST_CHARACTERS = 10;

/** There is a revision of that name, and it holds another class. */
export class RevisionMismatchError extends QuartermasterError {
  readonly code = 'REVISION_MISMATCH';
}

/** Name of the revision of a class with that digest. */
export function revisionName(className: string, digest: string): string {
  return `${className}-${digest.replace(/^sha256:/, '').slice(0, DIGEST_CHARACTERS)}`;
}

/**
 * The immutable snapshot of a class. It has no owner on purpose: requests that were made with it
 * are destroyed with it, also after the class is gone.
 */
export function buildRevision(
  namespace: string,
  className: string,
  spec: ResourceClassSpec,
): ControllerRevision<ResourceClassSpec> {
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: revisionName(className, classDigest(spec)),
      namespace,
      labels: {
        [LABELS.managedBy]: MANAGED_BY,
        [LABELS.component]: 'class-revision',
        [LABELS.className]: className,
      },
    },
    revision: 1,
    data: spec,
  };
}

/**
 * Makes the snapshot if it is not there yet.
 *
 * @returns its name
 * @throws {RevisionMismatchError} when an object of that name holds something else
 */
export async function ensureRevision(
  client: KubeClient,
  namespace: string,
  className: string,
  spec: ResourceClassSpec,
): Promise<string> {
  const revision = buildRevision(namespace, className, spec);
  const { name } = revision.metadata;
  const existing = await readRevision(client, namespace, name);
  // Created between the look and the write: AlreadyExists, and the next reconcile compares.
  if (existing === undefined) await client.create(RESOURCE_TYPES.controllerRevisions, revision);
  else if (classDigest(existing) !== classDigest(spec)) {
    throw new RevisionMismatchError(`the revision ${name} holds another class`);
  }
  return name;
}

/** The class as it was when the revision was made; undefined when there is none of that name. */
export async function readRevision(
  client: KubeClient,
  namespace: string,
  name: string,
): Promise<ResourceClassSpec | undefined> {
  const revision = await client.get<ControllerRevision>(RESOURCE_TYPES.controllerRevisions, {
    namespace,
    name,
  });
  return revision === undefined ? undefined : resourceClassSpecSchema.parse(revision.data);
}
