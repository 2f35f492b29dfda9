import path from 'node:path';
import type { ProgramPaths } from '../binaries/build-binaries.ts';
import type { Supervisor } from '../processes/supervisor.ts';
import { waitFor } from '../processes/wait-for.ts';
import { createPodGroup } from './cgroups.ts';
import { startContainerd } from './containerd.ts';
import type { ControlPlane } from './control-plane-options.ts';
import { startControlPlane } from './control-plane.ts';
import { startKubelet } from './kubelet.ts';
import { loadImages } from './load-images.ts';
import { nodeAddress } from './network-plan.ts';
import { createNodeNetwork } from './node-network.ts';
import { forgetReadiness, isNodeReady } from './node-readiness.ts';
import { startDns, startProxy, startScheduler } from './node-services.ts';
import { ensurePauseImage } from './pause-image.ts';
import { startStorage } from './storage.ts';

/** What a node is started with. */
export interface NodeOptions {
  readonly supervisor: Supervisor;
  readonly programs: ProgramPaths;
  /** Where the cluster keeps its data: etcd, certificates, volumes. */
  readonly directory: string;
}

/**
 * Starts a whole Kubernetes with one node on this machine, as root. Returns when the node is Ready.
 *
 * @returns the control plane, to which the admin kubeconfig belongs
 */
export async function startNode(options: NodeOptions): Promise<ControlPlane> {
  const { supervisor } = options;
  await createNodeNetwork(supervisor);
  createPodGroup();
  const [controlPlane] = await Promise.all([
    startControlPlane({
      ...options,
      directory: path.join(options.directory, 'control-plane'),
      address: nodeAddress,
      port: 6443,
      controllers: true,
    }),
    startRuntime(supervisor),
  ]);
  const directory = path.join(options.directory, 'kubelet');
  await forgetReadiness(controlPlane.kubeconfig);
  const kubelet = await startKubelet({ ...options, directory }, controlPlane);
  await startScheduler(options, controlPlane);
  await startProxy(options, controlPlane);
  startDns(options, controlPlane);
  await startStorage(
    { ...options, directory: path.join(options.directory, 'volumes') },
    controlPlane,
  );
  await waitFor(() => isNodeReady(controlPlane.kubeconfig), {
    what: 'the node to be Ready',
    process: kubelet,
    signal: supervisor.signal,
    intervalMs: 200,
  });
  return controlPlane;
}

async function startRuntime(supervisor: Supervisor): Promise<void> {
  const [archive] = await Promise.all([ensurePauseImage(supervisor), startContainerd(supervisor)]);
  await loadImages([archive], supervisor);
}
