import { LABELS, MANAGED_BY } from '../../crds/constants.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { Informer } from '../../lib/kube/informer.ts';
import type { ObjectKey, Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import type { Logger } from '../../lib/logger.ts';

/** Longest wait for the first list of a namespace. */
const FIRST_LIST_MS = 1_000;

/** What {@link SecretWatch} needs. */
export interface SecretWatchOptions {
  client: KubeClient;
  clock: Clock;
  log: Logger;
  /** A Secret of ours was changed: `namespace/name`. */
  onChange: (key: string) => void;
}

/**
 * Watches the Secrets of ours in the namespaces where we have credentials. The operator has no
 * right to Secrets in the whole cluster, only in the namespaces of projects, hence one watch each.
 */
export class SecretWatch {
  readonly #options: SecretWatchOptions;
  readonly #informers = new Map<string, Informer<Secret>>();

  constructor(options: SecretWatchOptions) {
    this.#options = options;
  }

  /**
   * Reads a Secret, and watches its namespace from then on. A Secret of others, or one that lost
   * our label, is in no cache, so what is not there is looked up. While the first list of a
   * namespace is on its way it is waited for: it brings what thousands of calls would ask for.
   *
   * @throws {ForbiddenError} where we have no rights; such a namespace is not watched either
   */
  async get(key: ObjectKey & { namespace: string }): Promise<Secret | undefined> {
    const informer = this.#informers.get(key.namespace);
    if (informer && !informer.hasSynced) await this.#awaitList(informer);
    const cached = informer?.get(key);
    if (cached) return cached;
    const found = await this.#options.client.get<Secret>(RESOURCE_TYPES.secrets, key);
    this.#watch(key.namespace);
    return found;
  }

  /** Ends the watches of namespaces that are not needed any more. */
  async keepOnly(namespaces: ReadonlySet<string>): Promise<void> {
    const unused = [...this.#informers.keys()].filter((namespace) => !namespaces.has(namespace));
    await Promise.all(unused.map((namespace) => this.#end(namespace)));
  }

  /** Ends all watches. */
  stop(): Promise<void> {
    return this.keepOnly(new Set());
  }

  #watch(namespace: string): void {
    if (this.#informers.has(namespace)) return;
    const { client, clock, log, onChange } = this.#options;
    const informer = new Informer<Secret>({
      client,
      clock,
      log,
      namespace,
      type: RESOURCE_TYPES.secrets,
      labelSelector: `${LABELS.managedBy}=${MANAGED_BY},${LABELS.component}=credentials`,
      onChange,
    });
    this.#informers.set(namespace, informer);
    informer.start();
  }

  /** Never rejects: what the list does not bring in time is looked up. */
  async #awaitList(informer: Informer<Secret>): Promise<void> {
    await informer.synced(FIRST_LIST_MS).catch(() => undefined);
  }

  async #end(namespace: string): Promise<void> {
    const informer = this.#informers.get(namespace);
    this.#informers.delete(namespace);
    await informer?.stop();
  }
}
