import path from 'node:path';
import { Agent, fetch } from 'undici';
import { findFreePort } from '../processes/free-port.ts';
import type { RunningProcess } from '../processes/supervisor.ts';
import { waitFor } from '../processes/wait-for.ts';
import { writeFileAtomically } from '../processes/write-file.ts';
import { startApiServer } from './api-server.ts';
import type { ControlPlane, ControlPlaneOptions } from './control-plane-options.ts';
import { startControllerManager } from './controller-manager.ts';
import { startEtcd } from './etcd.ts';
import type { ClusterAddress } from './kubeconfig.ts';
import { buildKubeconfig } from './kubeconfig.ts';
import { PublicKeyInfrastructure } from './public-key-infrastructure.ts';

/**
 * Starts etcd and the API server (about 3 s), and the controller manager if asked for. Needs no
 * root. The supervisor stops them.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const address = options.address ?? '127.0.0.1';
  const port = options.port ?? (await findFreePort(address));
  const pki = await PublicKeyInfrastructure.open(path.join(options.directory, 'pki'));
  const etcd = await startEtcd(options, pki);
  const server = await startApiServer({ ...options, address, port }, pki, etcd);
  const cluster = { server: `https://${address}:${port}`, authority: pki.authority.certificate };
  const writeKubeconfig: ControlPlane['writeKubeconfig'] = async (name, commonName, group) => {
    const organization = group === undefined ? {} : { organization: group };
    const keyPair = await pki.issue({ commonName, ...organization });
    const file = path.join(pki.directory, `${name}.kubeconfig`);
    writeFileAtomically(file, buildKubeconfig(cluster, { keyPair }));
    return file;
  };
  const kubeconfig = await writeKubeconfig('admin', 'admin', 'system:masters');
  await waitUntilReady(cluster, server, options.supervisor.signal);
  const controlPlane = { cluster, pki, kubeconfig, writeKubeconfig };
  if (options.controllers) await startControllerManager(options, controlPlane);
  return controlPlane;
}

async function waitUntilReady(
  cluster: ClusterAddress,
  server: RunningProcess,
  signal: AbortSignal | undefined,
): Promise<void> {
  const agent = new Agent({ connect: { ca: cluster.authority } });
  await waitFor(async () => (await fetch(`${cluster.server}/readyz`, { dispatcher: agent })).ok, {
    what: 'the API server',
    process: server,
    signal,
  });
  await agent.close();
}
