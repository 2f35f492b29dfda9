import path from 'node:path';
import { machineRunDirectory, machineStateDirectory } from '../paths.ts';

const runDirectory = machineRunDirectory;

/**
 * Where the node keeps its things. Everything lies under two folders of our own, so that mounts,
 * sockets and shims that were left behind are recognised by their path.
 */
export const nodePaths = {
  containerdSocket: path.join(runDirectory, 'containerd.sock'),
  containerdState: path.join(runDirectory, 'containerd'),
  containerdConfig: path.join(runDirectory, 'containerd.toml'),
  /** Images live here, shared by all checkouts of this machine. */
  containerdRoot: path.join(machineStateDirectory, 'containerd'),
  loadedImages: path.join(machineStateDirectory, 'loaded-images.json'),
  runc: path.join(runDirectory, 'runc'),
  cniConfig: path.join(runDirectory, 'cni', 'net.d'),
  cniAddresses: path.join(runDirectory, 'cni', 'addresses'),
  cniPrograms: '/usr/lib/cni',
  kubeletConfig: path.join(runDirectory, 'kubelet.yaml'),
  corefile: path.join(runDirectory, 'Corefile'),
  podLogs: path.join(runDirectory, 'pods'),
} as const;
