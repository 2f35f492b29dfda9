import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { ClusterAccess } from './cluster-access.ts';
import { PlatformError } from './errors.ts';
import { loadKubeConfig } from './kubernetes/apply-manifests.ts';
import { checkoutDirectory } from './paths.ts';
import type { Say } from './processes/say.ts';
import { timed } from './processes/say.ts';
import type { Supervisor } from './processes/supervisor.ts';
import { isInstalled } from './programs-on-path.ts';

const localImage = 'quartermaster:dev';

/** Which cluster, and which image if one is given. */
export interface ExistingClusterOptions {
  readonly context: string;
  readonly image: string | undefined;
  readonly supervisor: Supervisor;
  readonly say: Say;
}

/**
 * Uses a cluster that exists, by a context of the user's kubeconfig.
 *
 * @throws {PlatformError} if the context, the cluster or an image for its nodes is missing
 */
export async function useExistingCluster(options: ExistingClusterOptions): Promise<ClusterAccess> {
  const kubeconfig = findKubeconfig(options.context);
  if (!isInstalled('kubectl')) {
    throw new PlatformError('kubectl is missing; install it to work with a cluster that exists.');
  }
  const nodeAddress = await readNodeAddress(kubeconfig, options.context);
  const hostAddress = await findHostAddress(options.supervisor, nodeAddress);
  const image = options.image ?? (await loadImageIntoKind(options));
  const access = { kubeconfig, context: options.context, kubectl: 'kubectl' };
  return { ...access, hostAddress, listenAddress: '0.0.0.0', image };
}

/**
 * @param context a name
 * @returns path of the kubeconfig that has it
 * @throws {PlatformError} if there is no such file or context
 */
export function findKubeconfig(context: string): string {
  const fallback = path.join(homedir(), '.kube', 'config');
  const files = (process.env['KUBECONFIG'] ?? fallback).split(path.delimiter);
  const file = files.find((candidate) => hasContext(candidate, context));
  if (file) return file;
  throw new PlatformError(
    `There is no context ${context} in ${files.join(', ')}. \`kubectl config get-contexts\` lists ` +
      'those that exist; `kind create cluster` makes kind-kind.',
  );
}

function hasContext(file: string, context: string): boolean {
  if (!existsSync(file)) return false;
  const config = new KubeConfig();
  config.loadFromFile(file);
  return config.getContextObject(context) !== null;
}

async function readNodeAddress(kubeconfig: string, context: string): Promise<string> {
  const core = loadKubeConfig({ kubeconfig, context }).makeApiClient(CoreV1Api);
  const nodes = await core.listNode().catch((cause: unknown) => {
    throw new PlatformError(`The cluster of the context ${context} does not answer.`, { cause });
  });
  const addresses = nodes.items.flatMap((node) => node.status?.addresses ?? []);
  const internal = addresses.find((address) => address.type === 'InternalIP');
  if (internal) return internal.address;
  throw new PlatformError(`The cluster of the context ${context} has no node with an address.`);
}

/** The address of this machine on the way to the node, which is the way back for pods. */
async function findHostAddress(supervisor: Supervisor, nodeAddress: string): Promise<string> {
  const given = process.env['QM_HOST_ADDRESS'];
  if (given) return given;
  if (!isInstalled('ip')) {
    throw new PlatformError('Set QM_HOST_ADDRESS to the address at which pods reach this machine.');
  }
  const args = ['route', 'get', nodeAddress];
  const source = parseRouteSource(await supervisor.run({ name: 'route', command: 'ip', args }));
  if (source) return source;
  throw new PlatformError(`This machine has no way to the node ${nodeAddress}.`);
}

/**
 * @param output what `ip route get` printed
 * @returns the address that packets on this way leave with, or null
 */
export function parseRouteSource(output: string): string | null {
  return /\bsrc (\S+)/.exec(output)?.[1] ?? null;
}

async function loadImageIntoKind(options: ExistingClusterOptions): Promise<string> {
  const { supervisor, say } = options;
  const name = /^kind-(.+)$/.exec(options.context)?.[1];
  if (!name || !['kind', 'docker'].every(isInstalled)) {
    throw new PlatformError(
      'The nodes need the product image. Build it (`docker build -t NAME .`), push it to a registry ' +
        'that the cluster can reach, and give its name by --image NAME.',
    );
  }
  await timed(say, `image ${localImage} built`, () =>
    supervisor.run({
      name: 'docker-build',
      command: 'docker',
      args: ['build', '--tag', localImage, checkoutDirectory],
    }),
  );
  await timed(say, `image loaded into kind`, () =>
    supervisor.run({
      name: 'kind-load',
      command: 'kind',
      args: ['load', 'docker-image', localImage, '--name', name],
    }),
  );
  return localImage;
}
