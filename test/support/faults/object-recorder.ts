import { systemClock } from '../../../lib/clock.ts';
import {
  RESOURCE_CLASSES,
  RESOURCE_REQUESTS,
  RESOURCE_RUNS,
} from '../../../crds/resource-types.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { Informer } from '../../../lib/kube/informer.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { QuietLogger } from '../quiet-logger.ts';

/** Everything that the platform writes, or has others write. */
const TYPES = [
  RESOURCE_TYPES.configMaps,
  RESOURCE_TYPES.secrets,
  RESOURCE_TYPES.leases,
  RESOURCE_TYPES.controllerRevisions,
  RESOURCE_TYPES.jobs,
  RESOURCE_TYPES.pods,
  RESOURCE_TYPES.events,
  RESOURCE_CLASSES,
  RESOURCE_REQUESTS,
  RESOURCE_RUNS,
];

/** Keeps every version of every object in some namespaces, also of those that are gone again. */
export class ObjectRecorder {
  readonly #informers: Informer<KubeObject>[];
  readonly #versions = new Map<string, KubeObject>();

  constructor(client: KubeClient, namespaces: readonly string[]) {
    this.#informers = TYPES.flatMap((type) =>
      (type.namespaced ? namespaces : [undefined]).map((namespace) => {
        const informer: Informer<KubeObject> = new Informer<KubeObject>({
          client,
          type,
          namespace,
          log: new QuietLogger(),
          clock: systemClock,
          onChange: (key) => this.#keep(informer.get(key)),
        });
        return informer;
      }),
    );
  }

  /** Begins; what is there already is kept as well. */
  async start(): Promise<void> {
    for (const informer of this.#informers) informer.start();
    await Promise.all(this.#informers.map((informer) => informer.synced()));
  }

  /** All versions so far. */
  get versions(): KubeObject[] {
    return [...this.#versions.values()];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#informers.map((informer) => informer.stop()));
  }

  #keep(object: KubeObject | undefined): void {
    if (object === undefined) return;
    const { uid, resourceVersion } = object.metadata;
    this.#versions.set(`${uid}/${resourceVersion}`, object);
  }
}
