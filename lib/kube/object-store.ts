import { keyOf, type KubeObject } from './objects.ts';
import type { WatchEvent } from './watch.ts';

/** What an event or a list means for one key. */
export interface ObjectChange<T> {
  key: string;
  /** `recreated`: deleted and made again while nobody looked; it has another uid. */
  kind: 'added' | 'changed' | 'recreated' | 'deleted' | 'unchanged';
  /** As it was before; undefined for `added`. */
  previous: T | undefined;
}

/** The objects of one type as they were last seen, by key and by one index. */
export class ObjectStore<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #index = new Map<string, Set<string>>();
  readonly #indexBy: (object: T) => string | undefined;

  /** @param indexBy the value under which {@link listBy} finds an object */
  constructor(indexBy: (object: T) => string | undefined = () => undefined) {
    this.#indexBy = indexBy;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(): T[] {
    return [...this.#objects.values()];
  }

  /** The objects with this value in the index. */
  listBy(value: string): T[] {
    const objects: T[] = [];
    for (const key of this.#index.get(value) ?? []) {
      const object = this.#objects.get(key);
      if (object) objects.push(object);
    }
    return objects;
  }

  /** Takes a full list in place of what was known, and tells what that means for every key. */
  replaceAll(items: readonly T[]): ObjectChange<T>[] {
    const present = new Set(items.map(keyOf));
    const gone = [...this.#objects.keys()].filter((key) => !present.has(key));
    const deletions = gone.map((key) => this.#remove(key)).filter((change) => change !== undefined);
    return [...deletions, ...items.map((item) => this.#put(item))];
  }

  /** Takes one event of a watch; undefined for a bookmark, or the end of something unknown. */
  applyEvent(event: WatchEvent<T>): ObjectChange<T> | undefined {
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        return this.#put(event.object);
      case 'DELETED':
        return this.#remove(keyOf(event.object));
      case 'BOOKMARK':
        return undefined;
    }
  }

  #put(object: T): ObjectChange<T> {
    const key = keyOf(object);
    const previous = this.#objects.get(key);
    const kind = compare(previous, object);
    if (kind === 'unchanged') return { key, kind, previous };
    if (previous) this.#unindex(key, previous);
    const trimmed = trim(object);
    this.#objects.set(key, trimmed);
    const value = this.#indexBy(trimmed);
    if (value !== undefined) {
      const keys = this.#index.get(value) ?? new Set();
      this.#index.set(value, keys.add(key));
    }
    return { key, kind, previous };
  }

  #remove(key: string): ObjectChange<T> | undefined {
    const previous = this.#objects.get(key);
    if (!previous) return undefined;
    this.#objects.delete(key);
    this.#unindex(key, previous);
    return { key, kind: 'deleted', previous };
  }

  #unindex(key: string, object: T): void {
    const value = this.#indexBy(object);
    if (value === undefined) return;
    const keys = this.#index.get(value);
    keys?.delete(key);
    if (keys?.size === 0) this.#index.delete(value);
  }
}

function compare(
  previous: KubeObject | undefined,
  object: KubeObject,
): ObjectChange<never>['kind'] {
  if (!previous) return 'added';
  if (previous.metadata.uid !== object.metadata.uid) return 'recreated';
  const isSame = previous.metadata.resourceVersion === object.metadata.resourceVersion;
  return isSame ? 'unchanged' : 'changed';
}

/** Managed fields are often half of an object, and nobody here reads them. */
function trim<T extends KubeObject>(object: T): T {
  delete (object.metadata as { managedFields?: unknown }).managedFields;
  return object;
}
