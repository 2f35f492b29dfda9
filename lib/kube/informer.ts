import type { Clock } from '../clock.ts';
import { QuartermasterError, toError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { KubeClient } from './client.ts';
import { ListWatch } from './list-watch.ts';
import { DEFAULT_TIMING, type ListWatchTiming } from './list-watch-timing.ts';
import { ObjectStore, type ObjectChange } from './object-store.ts';
import { formatKey, type KubeObject, type ObjectKey } from './objects.ts';
import type { ResourceType } from './resource-types.ts';

const SYNC_TIMEOUT_MS = 2 * 60_000;

/** An informer was stopped, or its time was over, before it had seen a first full list. */
export class InformerNotSyncedError extends QuartermasterError {
  readonly code = 'INFORMER_NOT_SYNCED';
}

/** Settings of an {@link Informer}. */
export interface InformerOptions<T extends KubeObject> {
  client: KubeClient;
  type: ResourceType;
  /** All namespaces if left out. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  /** Such as `metadata.name=…`, which rights to one object ask for. */
  fieldSelector?: string | undefined;
  log: Logger;
  clock: Clock;
  /** Something happened to this key: look at it again. Only enqueue here. */
  onChange: (key: string) => void;
  /** A periodic list found it unchanged: look at it again when nothing else is to do. */
  onResync?: ((key: string) => void) | undefined;
  /** It is gone (or was deleted and made again); as it was last seen. Comes before `onChange`. */
  onDelete?: ((object: T) => void) | undefined;
  /** A list or watch of this kind failed and will begin anew; for metrics. Must not throw. */
  onInterrupted?: ((kind: string) => void) | undefined;
  /** The value under which {@link Informer.listBy} finds an object, such as a label. */
  indexBy?: ((object: T) => string | undefined) | undefined;
  /** For tests. */
  timing?: Partial<ListWatchTiming> | undefined;
  /** For tests; `Math.random` otherwise. */
  random?: (() => number) | undefined;
}

/**
 * Keeps the objects of one type in memory and tells which keys changed. It survives every fault of
 * the API server and of the network; see README.md beside this file for what it promises.
 */
export class Informer<T extends KubeObject> {
  readonly #options: InformerOptions<T>;
  readonly #store: ObjectStore<T>;
  readonly #stopping = new AbortController();
  readonly #firstList = Promise.withResolvers<undefined>();
  #running: Promise<void> | undefined;
  #hasSynced = false;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#store = new ObjectStore<T>(options.indexBy);
    // Nobody may be waiting when it is stopped.
    this.#firstList.promise.catch(() => undefined);
  }

  /** Begins; a second call does nothing. A stopped informer cannot begin again. */
  start(): void {
    if (this.#running || this.#stopping.signal.aborted) return;
    const { timing, random = Math.random, ...options } = this.#options;
    const listWatch = new ListWatch<T>({
      ...options,
      random,
      timing: { ...DEFAULT_TIMING, ...timing },
      onList: (items) => this.#onList(items),
      onEvent: (event) => this.#report(this.#store.applyEvent(event)),
    });
    this.#running = listWatch.run(this.#stopping.signal);
  }

  /** Ends; nothing is called back any more, not even for what is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#firstList.reject(new InformerNotSyncedError('the informer was stopped'));
    await this.#running;
  }

  /** Whether a first full list was seen. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /**
   * Resolves once a first full list was seen and reported.
   *
   * @throws {InformerNotSyncedError} when that takes longer than `timeoutMs`, or it was stopped
   */
  async synced(timeoutMs = SYNC_TIMEOUT_MS): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => {
      const kind = this.#options.type.kind;
      reject(new InformerNotSyncedError(`no list of ${kind} within ${timeoutMs} ms`));
    }, timeoutMs);
    try {
      await Promise.race([this.#firstList.promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** An object as it was last seen. Shared: never modify it. */
  get(key: string | ObjectKey): T | undefined {
    return this.#store.get(typeof key === 'string' ? key : formatKey(key));
  }

  /** All objects as they were last seen. Shared: never modify them. */
  list(): T[] {
    return this.#store.list();
  }

  /** The objects whose `indexBy` gave this value. Shared: never modify them. */
  listBy(value: string): T[] {
    return this.#store.listBy(value);
  }

  #onList(items: T[]): void {
    for (const change of this.#store.replaceAll(items)) this.#report(change);
    this.#hasSynced = true;
    this.#firstList.resolve(undefined);
  }

  /** A handler that throws is a fault of ours, and must not stop the watch. */
  #report(change: ObjectChange<T> | undefined): void {
    if (!change || this.#stopping.signal.aborted) return;
    try {
      this.#notify(change);
    } catch (error) {
      this.#options.log.error('a handler of an informer failed', {
        kind: this.#options.type.kind,
        key: change.key,
        error: toError(error),
      });
    }
  }

  #notify({ key, kind, previous }: ObjectChange<T>): void {
    const { onChange, onResync, onDelete } = this.#options;
    if (kind === 'unchanged') {
      onResync?.(key);
      return;
    }
    const isGone = kind === 'deleted' || kind === 'recreated';
    try {
      if (isGone && previous) onDelete?.(previous);
    } finally {
      onChange(key);
    }
  }
}
