import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { ensureBinaries } from '../../dev/binaries/build-binaries.ts';
import { Narrator } from '../../dev/demo/narrator.ts';
import { randomPassword, randomSuffix, type Stage } from '../../dev/demo/world.ts';
import { ensureImages } from '../../dev/images/build-images.ts';
import { developmentImage } from '../../dev/images/product-image.ts';
import { postgresStandIn } from '../../dev/images/stand-ins.ts';
import { checkoutDirectory, machineStateDirectory } from '../../dev/paths.ts';
import { findFreePort } from '../../dev/processes/free-port.ts';
import { sayOnTerminal } from '../../dev/processes/say.ts';
import { extendPath } from '../../dev/programs-on-path.ts';
import { composePackages, ensureSystemPackages } from '../../dev/system-packages.ts';
import { startTestSession } from '../../dev/testing/test-session.ts';
import type { TenancyWorld } from '../../dev/demo/steps/tenancy.ts';
import { ComposeStack } from '../support/compose/compose-stack.ts';

/** The compose file, really started, with the image that is built here. */
export interface ComposeWorld {
  stack: ComposeStack;
  world: TenancyWorld;
  stop(): Promise<void>;
}

/** A folder of classes of one's own; @returns the compose file that brings it to the api. */
function writeOwnClass(directory: string): string {
  const classes = path.join(directory, 'classes');
  mkdirSync(classes, { recursive: true });
  copyFileSync(
    path.join(checkoutDirectory, 'test/support/classes/trivial.yaml'),
    path.join(classes, 'trivial.yaml'),
  );
  const file = path.join(directory, 'own-classes.yml');
  const api = {
    ...{ environment: { CLASSES_DIRECTORY: '/classes' }, volumes: [`${classes}:/classes:ro`] },
  };
  writeFileSync(file, stringify({ services: { api } }));
  return file;
}

/** Starts it without data, and leaves none. */
export async function startComposeWorld(): Promise<ComposeWorld> {
  process.env['PATH'] = extendPath(process.env['PATH']);
  const { supervisor } = startTestSession();
  await ensureSystemPackages(supervisor, sayOnTerminal, composePackages);
  const programs = await ensureBinaries(
    ['opentofu', 'provider-kubectl'],
    supervisor,
    sayOnTerminal,
  );
  const images = await ensureImages({ supervisor, programs, say: sayOnTerminal });
  const wanted = images.filter(({ name }) =>
    [developmentImage, postgresStandIn.name].includes(name),
  );
  const port = String(await findFreePort());
  const variables = { QM_IMAGE: developmentImage, QM_PORT: port };
  const directory = path.join(machineStateDirectory, 'compose-test');
  const overrides = [writeOwnClass(directory)];
  const stack = await ComposeStack.prepare({ supervisor, directory, variables, overrides }, wanted);
  await stack.up();
  const stage: Stage = {
    ...{ apiUrl: `http://127.0.0.1:${port}`, kubeconfig: '', kubectl: '', context: undefined },
    ...{ adminEmail: 'admin@example.com', adminPassword: randomPassword() },
  };
  const world = { stage, narrator: new Narrator(() => undefined), suffix: randomSuffix() };
  return { stack, world, stop: () => stack.remove() };
}
