import { RESOURCE_CLASSES, RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';

/**
 * Takes away every class that an earlier test has left: it belongs to the installation of that test,
 * and another does not work beside it.
 */
export async function clearClasses(client: KubeClient): Promise<void> {
  for (const { metadata } of await client.list(RESOURCE_CLASSES)) {
    await client.delete(RESOURCE_CLASSES, metadata);
  }
}

/**
 * Takes away every request that an earlier test has left, wherever it stands: an operator works on
 * all of them, in whatever namespace, and what it does for those would be counted among the rest.
 */
export async function clearRequests(client: KubeClient): Promise<void> {
  for (const { metadata } of await client.list(RESOURCE_REQUESTS)) {
    if (metadata.finalizers !== undefined) {
      await client.mergePatch(RESOURCE_REQUESTS, metadata, { metadata: { finalizers: null } });
    }
    await client.delete(RESOURCE_REQUESTS, metadata);
  }
}
