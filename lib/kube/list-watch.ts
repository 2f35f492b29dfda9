import { setTimeout as sleep } from 'node:timers/promises';
import { backoffDelay } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { KubeClient } from './client.ts';
import { GoneError, KubernetesApiError } from './errors.ts';
import { untilRelist, watchLife, type ListWatchTiming } from './list-watch-timing.ts';
import type { KubeObject } from './objects.ts';
import type { ResourceType } from './resource-types.ts';
import type { WatchEvent } from './watch.ts';

/** What is listed and watched, and who hears of it. The handlers must not throw. */
export interface ListWatchOptions<T extends KubeObject> {
  client: KubeClient;
  type: ResourceType;
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  log: Logger;
  clock: Clock;
  random: () => number;
  timing: Readonly<ListWatchTiming>;
  onList: (items: T[]) => void;
  onEvent: (event: WatchEvent<T>) => void;
  /** A list or watch failed and will begin anew; for metrics. */
  onInterrupted?: ((kind: string) => void) | undefined;
}

/** A watch that ends sooner than this counts as a failure, or we would spin. */
const SHORT_WATCH_MS = 1000;
/** Every so many failures in a row the resourceVersion itself is doubted. */
const FAILURES_BEFORE_RELIST = 3;
/** Given to the server to end a watch by itself before we do. */
const WATCH_GRACE_MS = 5000;

/**
 * Lists, then watches, for ever: whatever fails is tried again with backoff. A watch goes on from
 * the last resourceVersion it saw; a version that is too old (410), three failures in a row, and
 * the passing of time lead to a full list.
 */
export class ListWatch<T extends KubeObject> {
  readonly #options: ListWatchOptions<T>;
  /** Where the watch goes on; undefined: list first. */
  #version: string | undefined;
  #relistAt = 0;
  #failures = 0;

  constructor(options: ListWatchOptions<T>) {
    this.#options = options;
  }

  /** Runs until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const failure = await this.#step(signal).then(() => undefined, toError);
      if (signal.aborted) return;
      if (failure) await this.#afterFailure(failure, signal);
    }
  }

  async #step(signal: AbortSignal): Promise<void> {
    const now = this.#now();
    if (this.#version === undefined || now >= this.#relistAt) await this.#list(signal);
    else await this.#watch(this.#version, this.#relistAt - now, signal);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { client, type, random, timing, onList } = this.#options;
    const options = { ...this.#selection, signal, pageTimeoutMs: timing.pageMs };
    const result = await client.listWithVersion<T>(type, options);
    if (signal.aborted) return;
    onList(result.items);
    this.#version = result.resourceVersion;
    this.#relistAt = this.#now() + untilRelist(timing, random());
  }

  async #watch(resourceVersion: string, untilRelistMs: number, signal: AbortSignal): Promise<void> {
    const { client, type, timing, random } = this.#options;
    const lifeMs = watchLife(timing, untilRelistMs, random());
    const end = AbortSignal.timeout(lifeMs + WATCH_GRACE_MS);
    let openedAt = Infinity;
    const events = client.watch<T>(type, {
      ...this.#selection,
      resourceVersion,
      timeoutSeconds: Math.ceil(lifeMs / 1000),
      idleTimeoutMs: timing.idleMs,
      signal: AbortSignal.any([signal, end]),
      onOpen: () => (openedAt = this.#now()),
    });
    try {
      await this.#takeAll(events, signal);
    } finally {
      if (this.#now() - openedAt >= SHORT_WATCH_MS) this.#failures = 0;
    }
    if (this.#now() - openedAt < SHORT_WATCH_MS) throw new ShortWatch();
  }

  async #takeAll(events: AsyncIterable<WatchEvent<T>>, signal: AbortSignal): Promise<void> {
    for await (const event of events) {
      if (signal.aborted) return;
      this.#options.onEvent(event);
      this.#version = event.object.metadata.resourceVersion;
      // A list alone does not end a row of failures: the watch may be what fails.
      this.#failures = 0;
    }
  }

  async #afterFailure(error: Error, signal: AbortSignal): Promise<void> {
    this.#failures += 1;
    this.#options.onInterrupted?.(this.#options.type.kind);
    if (error instanceof GoneError || this.#failures % FAILURES_BEFORE_RELIST === 0) {
      this.#version = undefined;
    }
    const delayMs = this.#delay(error);
    const { log, type } = this.#options;
    const fields = { kind: type.kind, failures: this.#failures, delayMs: Math.round(delayMs) };
    // The first failure is everyday life: a restarted API server, an expired version.
    if (this.#failures === 1) log.info('list or watch interrupted', { ...fields, error });
    else log.warn('list or watch keeps failing', { ...fields, error });
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }

  get #selection(): Pick<ListWatchOptions<T>, 'namespace' | 'labelSelector' | 'fieldSelector'> {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    return { namespace, labelSelector, fieldSelector };
  }

  #delay(error: Error): number {
    const { timing, random } = this.#options;
    const limits = { baseMs: timing.backoffBaseMs, maxMs: timing.backoffMaxMs };
    const asked = error instanceof KubernetesApiError ? (error.retryAfterMs ?? 0) : 0;
    return Math.max(asked, backoffDelay(this.#failures, limits, random()));
  }

  #now(): number {
    return this.#options.clock.now().getTime();
  }
}

class ShortWatch extends Error {
  constructor() {
    super('the watch ended at once');
  }
}
