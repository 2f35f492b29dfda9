import { randomBytes } from 'node:crypto';
import type { ControlPlane } from '../../../dev/kubernetes/control-plane-options.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { createKubeClient } from '../../../lib/kube/create-kube-client.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { startControlPlaneProcess, type ControlPlaneProcess } from './control-plane-process.ts';
import { installCrds } from './install-crds.ts';

/** A real API server with our CRDs; no nodes, no controllers. */
export interface TestCluster {
  /** With all rights. */
  readonly client: KubeClient;
  /** Path of a kubeconfig with all rights. */
  readonly kubeconfig: string;
  readonly controlPlane: ControlPlane;
  /** Makes a namespace for one test alone; its name. */
  createNamespace(): Promise<string>;
}

interface Shared {
  process: ControlPlaneProcess;
  client: KubeClient;
}

let shared: Promise<Shared> | undefined;

// At the root of mocha's tree, because this module stands outside every suite.
after('stop the API server', async function () {
  this.timeout(30_000);
  if (!shared) return;
  const { process, client } = await shared;
  await client.close();
  await process.stop();
});

async function startShared(): Promise<Shared> {
  const process = await startControlPlaneProcess();
  const client = createKubeClient({ kubeconfig: process.controlPlane.kubeconfig });
  await installCrds(client);
  return { process, client };
}

/**
 * Gives a suite the API server of this mocha run, which the first suite starts (about 4 s; minutes
 * where the binaries have to be built) and which ends with the run. Call it inside `describe`;
 * use the result inside hooks and tests.
 */
export function useTestCluster(): TestCluster {
  let current: Shared | undefined;
  before('start the API server', async function () {
    this.timeout(15 * 60_000);
    shared ??= startShared();
    current = await shared;
  });
  const started = (): Shared => {
    if (!current) throw new Error('the cluster can be used inside hooks and tests only');
    return current;
  };
  return {
    get client() {
      return started().client;
    },
    get kubeconfig() {
      return started().process.controlPlane.kubeconfig;
    },
    get controlPlane() {
      return started().process.controlPlane;
    },
    createNamespace: () => createNamespace(started().client),
  };
}

async function createNamespace(client: KubeClient): Promise<string> {
  const name = `test-${randomBytes(4).toString('hex')}`;
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await client.create(RESOURCE_TYPES.namespaces, namespace);
  return name;
}
