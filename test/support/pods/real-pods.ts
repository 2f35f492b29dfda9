import type { KubeClient } from '../../../lib/kube/client.ts';
import type { TestCluster } from '../kube/test-cluster.ts';
import { findTofu } from '../runs/find-tofu.ts';
import { createProviderMirror, type ProviderMirror } from '../runs/provider-mirror.ts';
import { JobPlayer } from './job-player.ts';
import { PodPlayer } from './pod-player.ts';
import { realRunner } from './real-runner.ts';

/** Where {@link RealPods} finds what it plays. */
export interface RealPodsPlace {
  client: KubeClient;
  namespaces: { runs: string };
}

/**
 * Runs with the real runner and the real engine, which speaks to the test cluster with all rights;
 * only what makes pods of Jobs and processes of pods is played.
 */
export class RealPods {
  #mirror: ProviderMirror | undefined;
  #players: (PodPlayer | JobPlayer)[] = [];

  /** @param hasControllers where Jobs need no stand-in for their controller */
  async start(
    cluster: TestCluster,
    { client, namespaces }: RealPodsPlace,
    { hasControllers = false }: { hasControllers?: boolean } = {},
  ): Promise<void> {
    const tofu = await findTofu();
    this.#mirror = await createProviderMirror();
    const place = { client, namespace: namespaces.runs };
    const environment = { ...this.#mirror.environment, KUBE_CONFIG_PATH: cluster.kubeconfig };
    const pods = new PodPlayer({ ...place, start: realRunner({ tofu, environment }) });
    this.#players = hasControllers ? [pods] : [pods, new JobPlayer(place)];
    await Promise.all(this.#players.map((player) => player.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#players.map((player) => player.stop()));
    this.#mirror?.remove();
  }
}
