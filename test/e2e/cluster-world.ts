import { rmSync } from 'node:fs';
import { Narrator } from '../../dev/demo/narrator.ts';
import { randomPassword, randomSuffix, type Stage, type World } from '../../dev/demo/world.ts';
import { startEmbeddedCluster } from '../../dev/embedded-cluster.ts';
import { temporaryDataDirectory } from '../../dev/paths.ts';
import { beginSession } from '../../dev/platform-session.ts';
import { checkMachine } from '../../dev/preflight.ts';
import { sayNothing } from '../../dev/processes/say.ts';
import type { Supervisor } from '../../dev/processes/supervisor.ts';
import { extendPath } from '../../dev/programs-on-path.ts';
import { createKubeClient } from '../../lib/kube/create-kube-client.ts';
import { loadKubeConfig } from '../../lib/kube/kube-config.ts';

/** An embedded cluster with nothing of the product on it. */
export interface ClusterWorld {
  world: World;
  /** Stops what it starts together with the cluster. */
  supervisor: Supervisor;
  stop(): Promise<void>;
}

/** Starts a cluster without data, and leaves none. */
export async function startClusterWorld(): Promise<ClusterWorld> {
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
    const stop = async (): Promise<void> => {
      await world.kube.close();
      await session.end();
    };
    return { world, supervisor: session.supervisor, stop };
  } catch (error) {
    await session.end();
    throw error;
  }
}
