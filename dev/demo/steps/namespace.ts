import type { KubeObject } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { object, text } from '../api-client.ts';
import type { StoryRequest, Tenancy, World } from '../world.ts';
import { waitForStatus } from './requests.ts';

interface ResourceQuota extends KubeObject {
  spec?: { hard?: Record<string, string> };
}

/** The requested namespace is there, with the quota that was asked for. */
export async function playNamespace(
  world: World,
  tenancy: Tenancy,
  request: StoryRequest,
): Promise<void> {
  const ready = await world.narrator.step('The namespace is ready', () =>
    waitForStatus(world, tenancy.developer, request, 'ready'),
  );
  const name = text(object(ready, 'outputs'), 'namespace');
  await world.narrator.step('Its quota is the one that was requested', async () => {
    const quotas = await world.kube.list<ResourceQuota>(RESOURCE_TYPES.resourceQuotas, {
      namespace: name,
    });
    const hard = quotas[0]?.spec?.hard;
    if (!hard) throw new Error(`the namespace ${name} has no quota`);
    const listed = Object.entries(hard).map(([resource, amount]) => `${resource} ${amount}`);
    world.narrator.detail(`${name}: ${listed.sort().join(', ')}`);
  });
}
