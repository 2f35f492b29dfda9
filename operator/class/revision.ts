import { classDigest } from '../../crds/approval.ts';
import { LABELS, MANAGED_BY } from '../../crds/constants.ts';
import { resourceClassSpecSchema, type ResourceClassSpec } from '../../crds/resource-class.ts';
import { QuartermasterError } from '../../lib/errors.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { ControllerRevision } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import { revisionName } from './revision-name.ts';

/** Value of the component label of class revisions. */
export const CLASS_REVISION = 'class-revision';

/** There is a revision of that name, and it holds another class. */
export class RevisionMismatchError extends QuartermasterError {
  readonly code = 'REVISION_MISMATCH';
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
        [LABELS.component]: CLASS_REVISION,
        [LABELS.className]: className,
      },
    },
    revision: 1,
    data: spec,
  };
}

/**
 * Makes the snapshot if it is not there yet. One that is about to be removed is kept.
 *
 * @returns its name
 * @throws {RevisionMismatchError} when an object of that name holds something else
 * @throws {NotFoundError} {@link ConflictError} when it was removed or changed meanwhile: look again
 */
export async function ensureRevision(
  client: KubeClient,
  namespace: string,
  className: string,
  spec: ResourceClassSpec,
): Promise<string> {
  const revision = buildRevision(namespace, className, spec);
  const { name } = revision.metadata;
  const existing = await getRevision(client, namespace, name);
  if (existing === undefined) {
    // Created between the look and the write: AlreadyExists, and the next reconcile compares.
    await client.create(RESOURCE_TYPES.controllerRevisions, revision);
    return name;
  }
  if (classDigest(parseRevision(existing)) !== classDigest(spec)) {
    throw new RevisionMismatchError(`the revision ${name} holds another class`);
  }
  if (existing.metadata.annotations?.[OPERATOR_ANNOTATIONS.unusedSince] !== undefined) {
    await unmarkUnused(client, existing);
  }
  return name;
}

/** Writes down since when nobody uses a revision. @throws {ConflictError} if it has changed */
export async function markUnused(
  client: KubeClient,
  revision: ControllerRevision,
  since: Date,
): Promise<void> {
  await annotateUnused(client, revision, since.toISOString());
}

/** Takes that mark off. @throws {ConflictError} if it has changed */
export async function unmarkUnused(
  client: KubeClient,
  revision: ControllerRevision,
): Promise<void> {
  await annotateUnused(client, revision, null);
}

/** The class as it was when the revision was made; undefined when there is none of that name. */
export async function readRevision(
  client: KubeClient,
  namespace: string,
  name: string,
): Promise<ResourceClassSpec | undefined> {
  const revision = await getRevision(client, namespace, name);
  return revision === undefined ? undefined : parseRevision(revision);
}

function getRevision(
  client: KubeClient,
  namespace: string,
  name: string,
): Promise<ControllerRevision | undefined> {
  return client.get<ControllerRevision>(RESOURCE_TYPES.controllerRevisions, { namespace, name });
}

function parseRevision({ data }: ControllerRevision): ResourceClassSpec {
  return resourceClassSpecSchema.parse(data);
}

async function annotateUnused(
  client: KubeClient,
  { metadata }: ControllerRevision,
  value: string | null,
): Promise<void> {
  const { name, namespace, uid, resourceVersion } = metadata;
  const annotations = { [OPERATOR_ANNOTATIONS.unusedSince]: value };
  await client.mergePatch(
    RESOURCE_TYPES.controllerRevisions,
    { name, namespace },
    { metadata: { uid, resourceVersion, annotations } },
  );
}
