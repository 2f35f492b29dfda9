import type { Clock } from '../lib/clock.ts';
import { keyOf, type KubeObject } from '../lib/kube/objects.ts';

/** A watch that is this far behind is broken, and its supervisor lists anew. */
const MEMORY_MS = 60_000;

/** A cache of objects by key, such as an informer. */
export interface ObjectCache<T extends KubeObject> {
  get(key: string): T | undefined;
  list(): T[];
}

/**
 * A cache that knows our own writes: what an API call answered is seen at once, until the watch
 * has brought that version or a later one. A reconcile so never decides on a version that is
 * older than what it wrote itself.
 */
export class OwnWrites<T extends KubeObject> implements ObjectCache<T> {
  readonly #cache: ObjectCache<T>;
  readonly #clock: Clock;
  readonly #written = new Map<string, { object: T; until: number }>();

  constructor(cache: ObjectCache<T>, clock: Clock) {
    this.#cache = cache;
    this.#clock = clock;
  }

  /** Remembers what a write answered. */
  record(object: T): T {
    const until = this.#clock.now().getTime() + MEMORY_MS;
    this.#written.set(keyOf(object), { object, until });
    return object;
  }

  /** Forgets a key; to be called when the watch has reported its deletion. */
  forget(key: string): void {
    this.#written.delete(key);
  }

  get(key: string): T | undefined {
    const cached = this.#cache.get(key);
    const written = this.#written.get(key);
    if (written === undefined) return cached;
    const isCaughtUp = cached !== undefined && versionOf(cached) >= versionOf(written.object);
    if (!isCaughtUp && this.#clock.now().getTime() < written.until) return written.object;
    this.#written.delete(key);
    return cached;
  }

  list(): T[] {
    return this.merge(this.#cache.list(), () => true);
  }

  /**
   * Completes a list that comes from the same cache, such as one by an index.
   *
   * @param listed objects as the cache has them
   * @param isWanted whether an object that only we know of belongs to the list
   */
  merge(listed: T[], isWanted: (object: T) => boolean): T[] {
    if (this.#written.size === 0) return listed;
    const own = [...this.#written.values()].map(({ object }) => object).filter(isWanted);
    const keys = new Set([...listed, ...own].map(keyOf));
    return [...keys].flatMap((key) => this.get(key) ?? []);
  }
}

/**
 * Resource versions of one kind can be compared as numbers (Kubernetes 1.35, "comparable resource
 * versions"; etcd revisions before that).
 */
function versionOf(object: KubeObject): bigint {
  return BigInt(object.metadata.resourceVersion ?? '0');
}
