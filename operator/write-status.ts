import { isDeepStrictEqual } from 'node:util';
import type { KubeClient } from '../lib/kube/client.ts';
import type { KubeObject } from '../lib/kube/objects.ts';
import type { ResourceType } from '../lib/kube/resource-types.ts';
import { OPERATOR_FIELD_MANAGER } from './constants.ts';

/** An object with a status subresource. */
export interface ObjectWithStatus extends KubeObject {
  status?: unknown;
}

/**
 * Writes a status if it differs from what the object has. Optimistic: what was decided on an
 * object that has changed since is not written.
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
  const { name, namespace, uid, resourceVersion } = object.metadata;
  const written = await client.apply<ObjectWithStatus>(
    type,
    {
      apiVersion: object.apiVersion,
      kind: object.kind,
      metadata: { name, namespace, uid, resourceVersion },
      status: next,
    },
    { fieldManager: OPERATOR_FIELD_MANAGER, force: true, subresource: 'status' },
  );
  return written as T;
}

/** As it goes over the wire: absent and undefined are the same. */
function withoutUndefined<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
