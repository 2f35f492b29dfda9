import { ensureBinaries } from '../binaries/build-binaries.ts';
import type { ControlPlane } from '../kubernetes/control-plane-options.ts';
import { startControlPlane } from '../kubernetes/control-plane.ts';
import { sayOnTerminal } from '../processes/say.ts';
import { cleanTestLeftovers, startTestSession } from './test-session.ts';

let controlPlane: Promise<ControlPlane> | undefined;

/**
 * A real API server with controllers, but no node, for tests: one for the whole run, started by
 * whoever needs it first (about 3 s), ended with the process. Tests keep apart by namespaces.
 */
export function useControlPlane(): Promise<ControlPlane> {
  controlPlane ??= start();
  return controlPlane;
}

async function start(): Promise<ControlPlane> {
  await cleanTestLeftovers();
  const session = startTestSession();
  const programs = await ensureBinaries(['etcd', 'kubernetes'], session.supervisor, sayOnTerminal);
  return startControlPlane({
    supervisor: session.supervisor,
    programs,
    directory: session.makeDirectory('kubernetes'),
    controllers: true,
  });
}
