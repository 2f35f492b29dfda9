import { execa } from 'execa';
import { kubectl } from '../../dev/demo/kubectl.ts';
import type { Stage, World } from '../../dev/demo/world.ts';
import { SYSTEM_NAMESPACE } from '../support/chart/helm.ts';
import { Release } from '../support/chart/release.ts';
import { startClusterWorld } from './cluster-world.ts';

/** An embedded cluster with nothing of the product on it, and the chart at hand. */
export interface ReleaseWorld {
  world: World;
  release: Release;
  stop(): Promise<void>;
}

/** Starts a cluster without data, and leaves none. */
export async function startReleaseWorld(): Promise<ReleaseWorld> {
  const cluster = await startClusterWorld();
  try {
    const release = await Release.open(cluster.world.stage.kubeconfig);
    const stop = async (): Promise<void> => {
      release.close();
      await cluster.stop();
    };
    return { world: cluster.world, release, stop };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** The address of the api's Service, which this machine reaches as the cluster's node. */
export async function readServiceUrl(stage: Stage): Promise<string> {
  const path = 'jsonpath={.spec.clusterIP}:{.spec.ports[0].port}';
  const service = ['get', 'service', 'quartermaster-api', '--output', path];
  return `http://${await kubectl(stage, [...service, '--namespace', SYSTEM_NAMESPACE])}`;
}

/** Makes the first administrator by the command that NOTES.txt and docs/install.md tell. */
export async function makeAdministrator(stage: Stage): Promise<string> {
  const target = ['--stdin', '--namespace', SYSTEM_NAMESPACE, 'deployment/quartermaster-api'];
  const program = ['node', 'dist/api/admin/main.js', 'create-admin', '--email', stage.adminEmail];
  const { stdout } = await execa(
    stage.kubectl,
    ['exec', ...target, '--', 'env', 'ADMIN_PASSWORD_FILE=/dev/stdin', ...program],
    { env: { KUBECONFIG: stage.kubeconfig }, input: stage.adminPassword, timeout: 60_000 },
  );
  return stdout;
}
