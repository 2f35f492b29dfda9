import { mkdirSync } from 'node:fs';
import { stringify } from 'yaml';
import type { ProgramPaths } from '../binaries/build-binaries.ts';
import type { RunningProcess, Supervisor } from '../processes/supervisor.ts';
import { writeFileAtomically } from '../processes/write-file.ts';
import { podGroup } from './cgroups.ts';
import type { ControlPlane } from './control-plane-options.ts';
import { nodeAddress, nodeName } from './network-plan.ts';
import { nodePaths } from './node-paths.ts';

/** What the kubelet needs besides the control plane. */
export interface KubeletOptions {
  readonly supervisor: Supervisor;
  readonly programs: ProgramPaths;
  /** Where it keeps volumes and checkpoints. */
  readonly directory: string;
}

/** Starts the kubelet of the one node. */
export async function startKubelet(
  options: KubeletOptions,
  controlPlane: ControlPlane,
): Promise<RunningProcess> {
  const serving = await controlPlane.pki.issueFiles('kubelet', {
    commonName: `system:node:${nodeName}`,
    organization: 'system:nodes',
    hosts: [nodeAddress, nodeName],
  });
  const kubeconfig = await controlPlane.writeKubeconfig(
    'kubelet',
    `system:node:${nodeName}`,
    'system:nodes',
  );
  mkdirSync(options.directory, { recursive: true });
  const files = { ...serving, authorityFile: controlPlane.pki.authorityFile };
  writeFileAtomically(nodePaths.kubeletConfig, stringify(buildKubeletConfig(files)));
  return options.supervisor.start({
    name: 'kubelet',
    command: options.programs.kubelet,
    args: [
      `--config=${nodePaths.kubeletConfig}`,
      `--kubeconfig=${kubeconfig}`,
      `--root-dir=${options.directory}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${nodeAddress}`,
    ],
  });
}

/**
 * @param files certificate and key to serve with, and the authority that clients are checked by
 * @returns a KubeletConfiguration for a small machine, with cgroup v1 or v2
 */
export function buildKubeletConfig(files: {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly authorityFile: string;
}): Record<string, unknown> {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: nodeAddress,
    healthzPort: 0,
    tlsCertFile: files.certificateFile,
    tlsPrivateKeyFile: files.keyFile,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: files.authorityFile },
    },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: `unix://${nodePaths.containerdSocket}`,
    podLogsDir: nodePaths.podLogs,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${podGroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    // The machine's own packet rules stay as they are.
    makeIPTablesUtilChains: false,
    enforceNodeAllocatable: [],
    clusterDNS: [nodeAddress],
    clusterDomain: 'cluster.local',
    // The disk of a laptop is often rather full; images are ours and must not be collected.
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    serializeImagePulls: false,
    maxPods: 250,
    kubeAPIQPS: 100,
    kubeAPIBurst: 200,
    eventRecordQPS: 50,
  };
}
