import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { ResourceClass } from '../../crds/resource-class.ts';
import { RESOURCE_CLASSES } from '../../crds/resource-types.ts';
import { poll } from '../../dev/demo/poll.ts';
import type { Tenancy, World } from '../../dev/demo/world.ts';
import { checkoutDirectory } from '../../dev/paths.ts';

/** A class whose requests start no run before they are approved. */
export const UNPLANNED = 'unplanned';

/** Offers the class of namespaces under another name, without plans: a load for the api alone. */
export async function offerUnplannedClass(world: World, { developer }: Tenancy): Promise<void> {
  const file = path.join(checkoutDirectory, 'catalog', 'classes', 'namespace.yaml');
  const { spec, ...rest } = parse(readFileSync(file, 'utf8')) as ResourceClass;
  await world.kube.create<ResourceClass>(RESOURCE_CLASSES, {
    ...{ ...rest, metadata: { name: UNPLANNED } },
    spec: { ...spec, approval: { ...spec.approval, preview: 'Skipped' } },
  });
  await poll(
    async () => {
      const { status } = await developer.api.call('GET', `/resource-classes/${UNPLANNED}`);
      return status === 200 ? { done: undefined } : { seen: `the answer ${status}` };
    },
    { what: 'the offer of the class', timeoutSeconds: 60, signal: world.signal },
  );
}
