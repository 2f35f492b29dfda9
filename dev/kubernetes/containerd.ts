import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { RunningProcess, Supervisor } from '../processes/supervisor.ts';
import { waitFor } from '../processes/wait-for.ts';
import { writeFileAtomically } from '../processes/write-file.ts';
import { buildPodNetworkConfig } from './cni-config.ts';
import { buildContainerdConfig } from './containerd-config.ts';
import { containerClient } from './container-client.ts';
import { nodePaths } from './node-paths.ts';

/**
 * Starts a containerd of our own: own configuration, root, state and socket, next to any other one
 * on the machine.
 */
export async function startContainerd(supervisor: Supervisor): Promise<RunningProcess> {
  for (const directory of [
    nodePaths.containerdRoot,
    nodePaths.containerdState,
    nodePaths.cniConfig,
  ]) {
    mkdirSync(directory, { recursive: true, mode: 0o711 });
  }
  const network = path.join(nodePaths.cniConfig, '10-quartermaster.conflist');
  writeFileAtomically(network, buildPodNetworkConfig(nodePaths.cniAddresses));
  writeFileAtomically(nodePaths.containerdConfig, buildContainerdConfig());
  const running = supervisor.start({
    name: 'containerd',
    command: 'containerd',
    args: ['--config', nodePaths.containerdConfig],
  });
  const client = containerClient(supervisor);
  await waitFor(async () => client.isServing(), {
    what: 'containerd',
    process: running,
    signal: supervisor.signal,
  });
  return running;
}
