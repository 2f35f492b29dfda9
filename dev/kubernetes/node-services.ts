import { existsSync } from 'node:fs';
import { stringify } from 'yaml';
import path from 'node:path';
import type { ProgramPaths } from '../binaries/build-binaries.ts';
import type { Supervisor } from '../processes/supervisor.ts';
import { writeFileAtomically } from '../processes/write-file.ts';
import type { ControlPlane } from './control-plane-options.ts';
import { nodeAddress, nodeName, podNetwork } from './network-plan.ts';
import { nodePaths } from './node-paths.ts';

/** What the services of the node are started with. */
export interface NodeServiceOptions {
  readonly supervisor: Supervisor;
  readonly programs: ProgramPaths;
}

/** Starts the scheduler. */
export async function startScheduler(
  options: NodeServiceOptions,
  controlPlane: ControlPlane,
): Promise<void> {
  const kubeconfig = await controlPlane.writeKubeconfig('kube-scheduler', 'system:kube-scheduler');
  options.supervisor.start({
    name: 'kube-scheduler',
    command: options.programs['kube-scheduler'],
    graceMs: 2000,
    args: [
      `--kubeconfig=${kubeconfig}`,
      '--leader-elect=false',
      '--secure-port=0',
      '--kube-api-qps=200',
      '--kube-api-burst=400',
    ],
  });
}

/** Starts kube-proxy, which makes Services reachable by packet rules (nftables). */
export async function startProxy(
  options: NodeServiceOptions,
  controlPlane: ControlPlane,
): Promise<void> {
  const kubeconfig = await controlPlane.writeKubeconfig('kube-proxy', 'system:kube-proxy');
  const configFile = path.join(controlPlane.pki.directory, 'kube-proxy.yaml');
  writeFileAtomically(configFile, stringify(buildProxyConfig(kubeconfig)));
  options.supervisor.start({
    name: 'kube-proxy',
    command: options.programs['kube-proxy'],
    graceMs: 2000,
    args: [`--config=${configFile}`],
  });
}

/** Starts CoreDNS on the node's address; it reads Services from the API server. */
export function startDns(options: NodeServiceOptions, controlPlane: ControlPlane): void {
  writeFileAtomically(nodePaths.corefile, buildCorefile(controlPlane.kubeconfig));
  options.supervisor.start({
    name: 'coredns',
    command: options.programs.coredns,
    args: ['-conf', nodePaths.corefile],
    graceMs: 1000,
  });
}

function buildProxyConfig(kubeconfig: string): Record<string, unknown> {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig },
    hostnameOverride: nodeName,
    clusterCIDR: podNetwork,
    healthzBindAddress: `${nodeAddress}:10256`,
    metricsBindAddress: `${nodeAddress}:10249`,
    // The limits of the machine's connection tracking stay as they are.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

function buildCorefile(kubeconfig: string): string {
  const forward = existsSync('/etc/resolv.conf') ? '  forward . /etc/resolv.conf\n' : '';
  return `.:53 {
  bind ${nodeAddress}
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${kubeconfig}
    pods insecure
  }
${forward}  cache 5
}
`;
}
