import path from 'node:path';
import { publishApprovalKeys } from '../../api/approvals/publish-approval-keys.ts';
import { publicKeys } from '../../api/auth/key-set.ts';
import { loadKeySet } from '../../api/auth/key-store.ts';
import { SecretKeyStore } from '../../api/auth/secret-key-store.ts';
import { ensureBinaries } from '../../dev/binaries/build-binaries.ts';
import { startControlPlane } from '../../dev/kubernetes/control-plane.ts';
import { writeServiceAccountKubeconfig } from '../../dev/kubernetes/service-account-kubeconfig.ts';
import { findFreePort } from '../../dev/processes/free-port.ts';
import { sayOnTerminal } from '../../dev/processes/say.ts';
import type { RunningProcess } from '../../dev/processes/supervisor.ts';
import { waitFor } from '../../dev/processes/wait-for.ts';
import { installProduct } from '../../dev/product-manifests.ts';
import { startTestSession } from '../../dev/testing/test-session.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { createKubeClient } from '../../lib/kube/create-kube-client.ts';
import { buildProgram } from './build-program.ts';
import { PLATFORM } from './open-project.ts';

/** A control plane without nodes, with the product's kinds and rights in it. */
export interface BenchCluster {
  /** With all rights. */
  readonly client: KubeClient;
  readonly kubeconfig: string;
  /** Of the operator's service account. */
  readonly operatorKubeconfig: string;
}

/** A running operator. */
export interface BenchOperator {
  readonly process: RunningProcess;
  readonly metricsUrl: string;
  /** From the start of the process to its first yes to "are you ready". */
  readonly readyMs: number;
  readonly startedAt: number;
}

/** Starts etcd, API server and controller manager; installs the product but for its processes. */
export async function startBenchCluster(): Promise<BenchCluster> {
  const session = startTestSession();
  const { supervisor } = session;
  const programs = await ensureBinaries(['etcd', 'kubernetes'], supervisor, sayOnTerminal);
  const directory = session.makeDirectory('cluster');
  const plane = await startControlPlane({ supervisor, programs, directory, controllers: true });
  const { kubeconfig } = plane;
  await installProduct({
    ...{ kubeconfig, context: undefined, kubectl: programs.kubectl },
    ...{ hostAddress: '127.0.0.1', listenAddress: '127.0.0.1', image: 'quartermaster:bench' },
  });
  const client = createKubeClient({ kubeconfig, maxInFlight: 100 });
  const keys = await loadKeySet(new SecretKeyStore(client, PLATFORM.system));
  await publishApprovalKeys(client, PLATFORM.system, publicKeys(keys.approval));
  const operatorKubeconfig = path.join(directory, 'operator.kubeconfig');
  const account = { namespace: PLATFORM.system, serviceAccount: 'quartermaster-operator' };
  await writeServiceAccountKubeconfig(kubeconfig, account, operatorKubeconfig);
  return { client, kubeconfig, operatorKubeconfig };
}

/**
 * As the chart starts it: it makes little that is short-lived, and much room for that is memory. The
 * second is what Node gives itself in a container with the memory limit of the chart (512 MiB); on
 * the whole machine it would take what it does not need.
 */
const NODE_SETTINGS = ['--max-semi-space-size=4', '--max-old-space-size=256'];

/** Starts the operator as a process of its own, compiled, and waits until it is ready. */
export async function startBenchOperator(
  cluster: BenchCluster,
  settings: Record<string, string> = {},
): Promise<BenchOperator> {
  const program = path.join(await buildProgram(), 'operator', 'main.js');
  const [runApi, health, metrics] = await Promise.all([
    findFreePort('127.0.0.1'),
    findFreePort(),
    findFreePort(),
  ]);
  const startedAt = performance.now();
  const running = startTestSession().supervisor.start({
    name: 'operator',
    command: process.execPath,
    args: [...NODE_SETTINGS, program],
    env: {
      KUBECONFIG: cluster.operatorKubeconfig,
      RUN_API_HOST: '127.0.0.1',
      RUN_API_PORT: String(runApi),
      HEALTH_PORT: String(health),
      METRICS_PORT: String(metrics),
      ...settings,
    },
  });
  await waitFor(async () => (await fetch(`http://127.0.0.1:${health}/ready`)).ok, {
    what: 'the operator to be ready',
    process: running,
    intervalMs: 10,
  });
  const readyMs = performance.now() - startedAt;
  return {
    process: running,
    metricsUrl: `http://127.0.0.1:${metrics}/metrics`,
    readyMs,
    startedAt,
  };
}
