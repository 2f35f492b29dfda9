import path from 'node:path';
import { fetch } from 'undici';
import type { ClusterAccess } from './cluster-access.ts';
import type { PreparedDatabase } from './database.ts';
import { writeServiceAccountKubeconfig } from './kubernetes/service-account-kubeconfig.ts';
import { checkoutDirectory, localDirectory } from './paths.ts';
import { choosePort } from './processes/free-port.ts';
import type { RunningProcess, Supervisor } from './processes/supervisor.ts';
import { waitFor } from './processes/wait-for.ts';

/** What the product's processes are started with. */
export interface ProductOptions {
  readonly supervisor: Supervisor;
  readonly cluster: ClusterAccess;
  readonly database: PreparedDatabase;
  readonly port: number;
}

const namespace = 'quartermaster-system';

/** Starts the api from source and waits until it is ready; its address. */
export async function startApi(options: ProductOptions): Promise<string> {
  const url = `http://127.0.0.1:${options.port}`;
  const running = options.supervisor.start({
    name: 'api',
    ...nodeProgram('api/main.ts'),
    graceMs: 10_000,
    env: {
      HOST: '127.0.0.1',
      PORT: String(options.port),
      PUBLIC_URL: url,
      DATABASE_URL: options.database.appUrl,
      SYSTEM_DATABASE_URL: options.database.systemUrl,
      KUBECONFIG: await writeKubeconfig(options.cluster, 'quartermaster-api'),
    },
  });
  await waitUntilOk(`${url}/ready`, running, options.supervisor.signal);
  return url;
}

/** Starts the operator from source and waits until it is ready. */
export async function startOperator(options: ProductOptions): Promise<void> {
  const { hostAddress, image } = options.cluster;
  const [port, healthPort, metricsPort] = await Promise.all([
    choosePort(8443, '0.0.0.0'),
    choosePort(8081),
    choosePort(8082),
  ]);
  const running = options.supervisor.start({
    name: 'operator',
    ...nodeProgram('operator/main.ts'),
    graceMs: 10_000,
    env: {
      KUBECONFIG: await writeKubeconfig(options.cluster, 'quartermaster-operator'),
      RUNNER_IMAGE: image,
      RUN_API_HOST: options.cluster.listenAddress,
      RUN_API_PORT: String(port),
      RUN_API_URL: `https://${hostAddress}:${port}`,
      HEALTH_PORT: String(healthPort),
      METRICS_PORT: String(metricsPort),
    },
  });
  await waitUntilOk(`http://127.0.0.1:${healthPort}/ready`, running, options.supervisor.signal);
}

function nodeProgram(file: string): { command: string; args: string[]; cwd: string } {
  const args = [path.join(checkoutDirectory, file)];
  return { command: process.execPath, args, cwd: checkoutDirectory };
}

/** Each process has the rights of its own service account, never those of an administrator. */
async function writeKubeconfig(cluster: ClusterAccess, serviceAccount: string): Promise<string> {
  const file = path.join(localDirectory, `${serviceAccount}.kubeconfig`);
  await writeServiceAccountKubeconfig(cluster, { namespace, serviceAccount }, file);
  return file;
}

async function waitUntilOk(
  url: string,
  running: RunningProcess,
  signal: AbortSignal | undefined,
): Promise<void> {
  const isOk = async (): Promise<boolean> => {
    const answer = await fetch(url);
    await answer.body?.cancel();
    return answer.ok;
  };
  await waitFor(isOk, { what: `the ${running.name} to be ready`, process: running, signal });
}
