import { setCondition, type ConditionStatement } from '../../../crds/condition.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { ObjectKey } from '../../../lib/kube/objects.ts';

/** Says about a resource what the operator would say, by its field manager. */
export async function stateReady(
  kube: KubeClient,
  resource: ResourceRequest,
  statement: Omit<ConditionStatement, 'type'>,
  more: Partial<NonNullable<ResourceRequest['status']>> = {},
): Promise<void> {
  const { namespace, name, generation = 1 } = resource.metadata;
  const context = { observedGeneration: generation, now: new Date().toISOString() };
  const conditions = setCondition(
    resource.status?.conditions,
    { ...statement, type: 'Ready' },
    context,
  );
  await kube.apply(
    RESOURCE_REQUESTS,
    {
      ...{ apiVersion: resource.apiVersion, kind: resource.kind },
      metadata: { namespace, name },
      status: { ...more, observedGeneration: generation, conditions },
    } as never,
    { fieldManager: 'quartermaster-operator', force: true, subresource: 'status' },
  );
}

/** Adds the operator's finalizer, or takes it away. */
export async function setFinalizers(
  kube: KubeClient,
  key: ObjectKey,
  finalizers: string[],
): Promise<void> {
  await kube.mergePatch(RESOURCE_REQUESTS, key, { metadata: { finalizers } });
}
