import { isDeepStrictEqual } from 'node:util';
import type { KubeClient } from '../lib/kube/client.ts';
import { mergePatchBetween } from '../lib/kube/merge-patch.ts';
import type { KubeObject } from '../lib/kube/objects.ts';
import type { ResourceType } from '../lib/kube/resource-types.ts';

/** An object with a status subresource. */
export interface ObjectWithStatus extends KubeObject {
  status?: unknown;
}

/**
 * Writes a status if it differs from what the object has, as a whole: a field that somebody else
 * put there goes (which server-side apply would leave). Optimistic: what was decided on an object
 * that has changed since is not written.
 *
 * @returns the object as it stands afterwards
 * @throws {ConflictError} when the object has changed; the next reconcile sees why
 */
export async function writeStatus<T extends ObjectWithStatus>(
  client: KubeClient,
  type: ResourceType,
  object: T,
  status: NonNullable<T['status']>,
): Promise<T> {
  const next = withoutUndefined(status);
  if (isDeepStrictEqual(withoutUndefined(object.status ?? {}), next)) return object;
  const { uid, resourceVersion } = object.metadata;
  const patch = {
    metadata: { uid, resourceVersion },
    status: mergePatchBetween({ ...withoutUndefined(object.status ?? {}) }, { ...next }),
  };
  const options = { subresource: 'status' } as const;
  return client.mergePatch<T>(type, object.metadata, patch, options);
}

/** As it goes over the wire: absent and undefined are the same. */
function withoutUndefined<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
