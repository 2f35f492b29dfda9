import { playDatabase } from './steps/database.ts';
import { playMovedWorld } from './steps/moved-world.ts';
import { playNamespace } from './steps/namespace.ts';
import { playBlindApproval } from './steps/plans.ts';
import { playAudit, playTeardown } from './steps/teardown.ts';
import {
  playApproval,
  playBadParameters,
  playCatalogue,
  playDenials,
  playRequest,
} from './steps/requests.ts';
import { playTenancy } from './steps/tenancy.ts';
import type { World } from './world.ts';

/**
 * The main job, from sign-in to teardown, on a platform that runs.
 *
 * @throws whatever the first failing step threw
 */
export async function playScenario(world: World): Promise<void> {
  const tenancy = await playTenancy(world);
  await playCatalogue(world, tenancy);
  await playBadParameters(world, tenancy);
  const database = await playRequest(world, tenancy, {
    class_name: 'postgres',
    name: 'orders',
    parameters: {},
  });
  await playDenials(world, tenancy, database);
  await playBlindApproval(world, tenancy.approver, database);
  await playApproval(world, tenancy.approver, database);
  await playDatabase(world, tenancy, database);

  world.narrator.heading('A namespace with a quota');
  const namespace = await playRequest(world, tenancy, {
    class_name: 'namespace',
    name: 'preview',
    parameters: {},
  });
  await playApproval(world, tenancy.approver, namespace);
  await playNamespace(world, tenancy, namespace);
  await playMovedWorld(world, tenancy, namespace);

  await playTeardown(world, tenancy, [database, namespace]);
  await playAudit(world, tenancy);
}
