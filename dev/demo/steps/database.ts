import type { Secret } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { object, text, type Json } from '../api-client.ts';
import { kubectl } from '../kubectl.ts';
import { queryThroughPortForward } from '../port-forward.ts';
import type { StoryRequest, Tenancy, World } from '../world.ts';
import { waitForStatus } from './requests.ts';

/** The database becomes ready; its credentials open it. */
export async function playDatabase(
  world: World,
  tenancy: Tenancy,
  request: StoryRequest,
): Promise<void> {
  const { narrator } = world;
  narrator.heading('From approval to a database that answers');
  const ready = await narrator.step('The database is ready', () =>
    waitForStatus(world, tenancy.developer, request, 'ready'),
  );
  await narrator.step('kubectl get resourcerequests -A', async () => {
    narrator.detail(await kubectl(world.stage, ['get', 'resourcerequests', '-A']));
  });
  const credentials = await narrator.step('The credentials stand beside the application', () =>
    readCredentials(world, tenancy, ready),
  );
  narrator.detail(
    `keys: ${Object.keys(credentials).sort().join(', ')}; values are shown to nobody`,
  );
  await narrator.step('A connection with those credentials runs a query', async () => {
    const answer = await queryThroughPortForward(world, tenancy.namespace, credentials);
    narrator.detail(answer);
  });
}

async function readCredentials(
  world: World,
  tenancy: Tenancy,
  ready: Json,
): Promise<Record<string, string>> {
  const reference = object(ready, 'credentials');
  const name = text(reference, 'secret_name');
  const secret = await world.kube.get<Secret>(RESOURCE_TYPES.secrets, {
    namespace: tenancy.namespace,
    name,
  });
  if (!secret?.data) throw new Error(`there is no Secret ${tenancy.namespace}/${name}`);
  world.narrator.detail(`Secret ${tenancy.namespace}/${name} of type ${secret.type ?? 'unknown'}`);
  return Object.fromEntries(
    Object.entries(secret.data).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString(),
    ]),
  );
}
