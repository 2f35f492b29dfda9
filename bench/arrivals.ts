import type { ResourceRequest } from '../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../crds/resource-types.ts';
import { systemClock } from '../lib/clock.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import { Informer } from '../lib/kube/informer.ts';
import type { Logger } from '../lib/logger.ts';

/** When resources are seen for the first time. */
export class Arrivals {
  readonly #informer: Informer<ResourceRequest>;
  readonly #awaited = new Map<string, (at: number) => void>();

  constructor(client: KubeClient, namespace: string, log: Logger) {
    this.#informer = new Informer<ResourceRequest>({
      ...{ client, namespace, clock: systemClock, log, type: RESOURCE_REQUESTS },
      onChange: (key) => {
        const name = key.slice(namespace.length + 1);
        this.#awaited.get(name)?.(performance.now());
        this.#awaited.delete(name);
      },
    });
  }

  /** Watches from now on. */
  async start(): Promise<void> {
    this.#informer.start();
    await this.#informer.synced();
  }

  /** Watches no more. */
  stop(): Promise<void> {
    return this.#informer.stop();
  }

  /** When the one of that name is there, by the clock of `performance`. */
  of(name: string): Promise<number> {
    return new Promise((resolve) => this.#awaited.set(name, resolve));
  }
}
