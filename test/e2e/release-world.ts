import { execa } from 'execa';
import { Narrator } from '../../dev/demo/narrator.ts';
import { kubectl } from '../../dev/demo/kubectl.ts';
import { randomPassword, randomSuffix, type Stage, type World } from '../../dev/demo/world.ts';
import { startEmbeddedCluster } from '../../dev/embedded-cluster.ts';
import { rmSync } from 'node:fs';
import { temporaryDataDirectory } from '../../dev/paths.ts';
import { beginSession } from '../../dev/platform-session.ts';
import { checkMachine } from '../../dev/preflight.ts';
import { sayNothing } from '../../dev/processes/say.ts';
import { extendPath } from '../../dev/programs-on-path.ts';
import { createKubeClient } from '../../lib/kube/client.ts';
import { loadKubeConfig } from '../../lib/kube/kube-config.ts';
import { Release } from '../support/chart/release.ts';
import { SYSTEM_NAMESPACE } from '../support/chart/helm.ts';

/** An embedded cluster with nothing of the product on it, and the chart at hand. */
export interface ReleaseWorld {
  world: World;
  release: Release;
  stop(): Promise<void>;
}

/** Starts a cluster without data, and leaves none. */
export async function startReleaseWorld(): Promise<ReleaseWorld> {
  process.env['PATH'] = extendPath(process.env['PATH']);
  checkMachine();
  const session = await beginSession({ embedded: true, signal: undefined, say: sayNothing });
  try {
    const data = temporaryDataDirectory();
    rmSync(data, { recursive: true, force: true });
    session.supervisor.ledger.addDirectory(data);
    const cluster = await startEmbeddedCluster(session.supervisor, sayNothing, data);
    const { kubeconfig, context, kubectl: program } = cluster;
    const stage: Stage = {
      ...{ kubeconfig, context, kubectl: program, apiUrl: '' },
      ...{ adminEmail: 'admin@example.com', adminPassword: randomPassword() },
    };
    const world: World = {
      ...{ stage, narrator: new Narrator(() => undefined) },
      kube: createKubeClient({ kubeconfig, context }),
      kubeConfig: loadKubeConfig({ kubeconfig, context }),
      signal: new AbortController().signal,
      suffix: randomSuffix(),
    };
    const release = await Release.open(kubeconfig);
    const stop = async (): Promise<void> => {
      release.close();
      await world.kube.close();
      await session.end();
    };
    return { world, release, stop };
  } catch (error) {
    await session.end();
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
