import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { toError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { maskText } from '../redaction.ts';
import { CallLimiter } from './call-limiter.ts';
import type { KubeClient } from './client.ts';
import { AlreadyExistsError } from './errors.ts';
import type { KubeObject } from './objects.ts';
import { RESOURCE_TYPES } from './resource-types.ts';

const NOTE_LIMIT = 1024;
/** The same event again within this time is not sent. */
const QUIET_MS = 10_000;
/** Events that wait; more are dropped: they tell people, nothing depends on them. */
const PENDING_LIMIT = 1000;
/** Events on their way at once. */
const SENDING_LIMIT = 10;
const REMEMBERED_LIMIT = 2000;
/** Events tell people what was done; what is being done has the connections first. */
const DELAY_MS = 500;

/** What happened to an object, for people who look at it with kubectl. */
export interface ObjectEvent {
  type: 'Normal' | 'Warning';
  /** CamelCase, why: `RunFailed`. */
  reason: string;
  /** CamelCase, what was being done: `Provision`. */
  action: string;
  /** For people; masked and cut to 1 KiB. */
  note: string;
}

/** Settings of an {@link EventRecorder}. */
export interface EventRecorderOptions {
  client: KubeClient;
  /** Who reports, such as `quartermaster.dev/operator`. */
  controller: string;
  /** Which process of it, such as the name of the pod. */
  instance: string;
  log: Logger;
  clock: Clock;
}

interface StoredEvent extends KubeObject {
  series?: { count: number } | undefined;
}

/**
 * Writes events.k8s.io/v1 Events. The same event of the same object has the same name, so that
 * repetitions count up in one Event. It never throws and never makes anybody wait.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #pending = new Set<Promise<void>>();
  readonly #sentAt = new Map<string, number>();
  readonly #flush = new AbortController();
  readonly #limiter = new CallLimiter(SENDING_LIMIT);

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Records an event about an object; returns at once. */
  record(object: KubeObject, event: ObjectEvent): void {
    const now = this.#options.clock.now();
    const stored = buildEvent(object, event, { ...this.#options, now });
    if (!this.#mayBeSent(stored.metadata.name, now.getTime())) return;
    const sending = this.#sendLater(stored, now).finally(() => this.#pending.delete(sending));
    this.#pending.add(sending);
  }

  /**
   * For the end: resolves when everything recorded so far is written or given up. From now on nothing
   * is delayed.
   */
  async flush(): Promise<void> {
    this.#flush.abort();
    await Promise.all(this.#pending);
  }

  #mayBeSent(name: string, now: number): boolean {
    const sentAt = this.#sentAt.get(name);
    if (sentAt !== undefined && now - sentAt < QUIET_MS) return false;
    if (this.#pending.size >= PENDING_LIMIT) return false;
    if (this.#sentAt.size >= REMEMBERED_LIMIT) this.#sentAt.clear();
    this.#sentAt.set(name, now);
    return true;
  }

  async #sendLater(event: KubeObject, now: Date): Promise<void> {
    await sleep(DELAY_MS, undefined, { signal: this.#flush.signal }).catch(() => undefined);
    await this.#limiter.run(() => this.#send(event, now));
  }

  async #send(event: KubeObject, now: Date): Promise<void> {
    const { client, log } = this.#options;
    try {
      await client.create(RESOURCE_TYPES.events, event);
    } catch (error) {
      if (error instanceof AlreadyExistsError) await this.#countUp(event, now);
      else log.debug('an event could not be written', { error: toError(error) });
    }
  }

  async #countUp({ metadata }: KubeObject, now: Date): Promise<void> {
    const { client, log } = this.#options;
    try {
      const known = await client.get<StoredEvent>(RESOURCE_TYPES.events, metadata);
      const count = (known?.series?.count ?? 1) + 1;
      const series = { count, lastObservedTime: microTime(now) };
      await client.mergePatch(RESOURCE_TYPES.events, metadata, { series });
    } catch (error) {
      log.debug('an event could not be counted', { error: toError(error) });
    }
  }
}

/** The Event as the API has it; its name is made from everything that makes it the same event. */
function buildEvent(
  object: KubeObject,
  event: ObjectEvent,
  reporter: { controller: string; instance: string; now: Date },
): KubeObject {
  const { name, namespace, uid, resourceVersion } = object.metadata;
  const note = cut(maskText(event.note));
  const identity = [uid, reporter.controller, event.type, event.reason, event.action, note];
  const hash = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    // Events about cluster-scoped objects live in the namespace `default`.
    metadata: { namespace: namespace ?? 'default', name: `${name.slice(0, 200)}.${hash}` },
    eventTime: microTime(reporter.now),
    type: event.type,
    reason: event.reason,
    action: event.action,
    note,
    reportingController: reporter.controller,
    reportingInstance: reporter.instance.slice(0, 128),
    regarding: {
      apiVersion: object.apiVersion,
      kind: object.kind,
      name,
      namespace,
      uid,
      resourceVersion,
    },
  } as KubeObject;
}

/** The API counts characters as bytes. */
function cut(note: string): string {
  if (Buffer.byteLength(note) <= NOTE_LIMIT) return note;
  // An incomplete last character becomes U+FFFD, which goes too.
  return `${Buffer.from(note)
    .subarray(0, NOTE_LIMIT - 3)
    .toString()
    .replace(/\uFFFD$/, '')}…`;
}

/** `metav1.MicroTime`. */
function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
