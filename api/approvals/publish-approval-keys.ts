import type { JSONWebKeySet } from 'jose';
import { APPROVAL_KEYS } from '../../crds/constants.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { ConfigMap } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';

/**
 * The ConfigMap in which the operator looks for the keys of approvals; public halves only. Its
 * labels belong to whoever installs: two that set the same field would fight for it.
 */
export function buildApprovalKeys(namespace: string, keys: JSONWebKeySet): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace, name: APPROVAL_KEYS.configMap },
    data: { [APPROVAL_KEYS.dataKey]: JSON.stringify(keys) },
  };
}

/**
 * Publishes the keys, and takes the place back if something else was written there: with another
 * key there, approvals of whoever wrote it would count.
 *
 * @throws {KubernetesApiError}
 */
export async function publishApprovalKeys(
  client: KubeClient,
  namespace: string,
  keys: JSONWebKeySet,
): Promise<void> {
  await client.apply(RESOURCE_TYPES.configMaps, buildApprovalKeys(namespace, keys), {
    fieldManager: 'quartermaster-api',
    force: true,
  });
}
