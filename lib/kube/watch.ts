import { systemClock } from '../clock.ts';
import type { KubeObject } from './objects.ts';
import { parseAnswer, readLines } from './response-body.ts';
import { resourcePath, type ResourceType } from './resource-types.ts';
import { statusError } from './status-error.ts';
import { connectionError, type Transport } from './transport.ts';
import type { ListOptions } from './list.ts';

const OPEN_TIMEOUT_MS = 10_000;
const LINE_LIMIT = 8 * 1024 * 1024;

/** What to watch, from when, for how long. */
export interface WatchOptions extends Omit<ListOptions, 'signal' | 'pageTimeoutMs'> {
  resourceVersion: string;
  /** After this many seconds the server ends the watch. */
  timeoutSeconds: number;
  /** Longest silence; the server sends a bookmark about once a minute. */
  idleTimeoutMs: number;
  signal: AbortSignal;
  /** Called once the server has accepted the watch. */
  onOpen?: (() => void) | undefined;
}

/** One change. A bookmark only carries a newer resourceVersion. */
export interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: T;
}

type RawEvent<T> = WatchEvent<T> | { type: 'ERROR'; object: { code?: number } };

/** Opens a watch with bookmarks; see KubeClient.watch. */
export async function* openWatch<T extends KubeObject>(
  transport: Transport,
  type: ResourceType,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  const { namespace, signal, idleTimeoutMs, onOpen, ...query } = options;
  const path = resourcePath(type, { namespace });
  const body = await transport.open({
    path,
    query: { ...query, watch: true, allowWatchBookmarks: true },
    timeoutMs: OPEN_TIMEOUT_MS,
    idleTimeoutMs,
    signal,
  });
  onOpen?.();
  const operation = `WATCH ${path}`;
  try {
    for await (const line of readLines(body, LINE_LIMIT, operation)) {
      yield readEvent<T>(line, operation);
    }
  } catch (error) {
    throw connectionError(operation, error);
  }
}

/** @throws {KubernetesApiError} for an ERROR event, typed by its code: 410 is a GoneError */
function readEvent<T>(line: string, operation: string): WatchEvent<T> {
  const event = parseAnswer(line, operation, isEvent) as RawEvent<T>;
  if (event.type !== 'ERROR') return event;
  throw statusError({
    operation,
    status: event.object.code ?? 500,
    body: event.object,
    now: systemClock.now(),
  });
}

function isEvent(value: object): boolean {
  const event = value as { type?: unknown; object?: { metadata?: { resourceVersion?: unknown } } };
  if (typeof event.type !== 'string') return false;
  if (event.type === 'ERROR') return typeof event.object === 'object';
  return typeof event.object?.metadata?.resourceVersion === 'string';
}
