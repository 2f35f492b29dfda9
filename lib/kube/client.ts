import { NotFoundError } from './errors.ts';
import type { KubeConnection } from './connection.ts';
import { listAll, type ListOptions, type ListResult } from './list.ts';
import type { KubeObject, ObjectKey } from './objects.ts';
import { parseAnswer } from './response-body.ts';
import { RESOURCE_TYPES, resourcePath, type ResourceType } from './resource-types.ts';
import { Transport, type Call } from './transport.ts';
import { openWatch, type WatchEvent, type WatchOptions } from './watch.ts';

/** etcd holds objects of at most 1.5 MiB; JSON escapes can make them longer. */
const OBJECT_LIMIT = 8 * 1024 * 1024;
const DEFAULT_LOG_LIMIT = 1024 * 1024;

/** Options of {@link KubeClient.apply}. */
export interface ApplyOptions {
  /** Who owns the fields: one name per writer. */
  fieldManager: string;
  /** Takes fields from other managers instead of a ConflictError. */
  force?: boolean | undefined;
  subresource?: 'status' | undefined;
}

/** Options of {@link KubeClient.mergePatch}. */
export interface PatchOptions {
  subresource?: 'status' | undefined;
}

/** Options of {@link KubeClient.delete}: preconditions, and what becomes of dependants. */
export interface DeleteOptions {
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  /** `Background` by default (the API's own default for Jobs would orphan their pods). */
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  /** Of a pod: how long it may take to end; 0 removes it at once. What its spec says by default. */
  gracePeriodSeconds?: number | undefined;
}

/** Options of {@link KubeClient.readPodLog}. */
export interface PodLogOptions {
  container?: string | undefined;
  tailLines?: number | undefined;
  /** 1 MiB unless said otherwise. */
  limitBytes?: number | undefined;
}

/** The bounds of a {@link KubeClient}. */
export interface ClientLimits {
  maxInFlight: number;
  userAgent: string;
  timeoutMs: number;
  /** Asked right before every call that changes something; without it, it may. */
  mayWrite?: (() => boolean) | undefined;
}

/**
 * A client for objects of any type. Every call is bounded: 10 s (30 s per page of a list), answer
 * sizes, and the number of calls in flight. It never retries: controllers and informers do, and
 * they honour `retryAfterMs` of the errors. All methods throw {@link KubernetesApiError}s.
 */
export class KubeClient {
  readonly #connection: KubeConnection;
  readonly #transport: Transport;
  readonly #limits: ClientLimits;

  constructor(connection: KubeConnection, limits: ClientLimits) {
    this.#connection = connection;
    this.#transport = new Transport(connection, limits);
    this.#limits = limits;
  }

  /**
   * A client over the same connections with other bounds, and calls in flight of its own. Where
   * `mayWrite` says no, its writes throw a WriteRefusedError and nothing is sent.
   */
  withLimits(limits: Partial<ClientLimits>): KubeClient {
    return new KubeClient(this.#connection, { ...this.#limits, ...limits });
  }

  /** Reads an object; undefined when it, its namespace or its kind does not exist. */
  async get<T extends KubeObject>(type: ResourceType, key: ObjectKey): Promise<T | undefined> {
    try {
      return await this.#call<T>({ method: 'GET', path: resourcePath(type, key) });
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  /** Reads all objects that match, page by page; in all namespaces if none is named. */
  async list<T extends KubeObject>(type: ResourceType, options: ListOptions = {}): Promise<T[]> {
    return (await this.listWithVersion<T>(type, options)).items;
  }

  /** As {@link list}, with the resourceVersion from which a watch goes on. */
  listWithVersion<T extends KubeObject>(
    type: ResourceType,
    options: ListOptions = {},
  ): Promise<ListResult<T>> {
    return listAll<T>(this.#transport, type, options);
  }

  /**
   * Watches from a resourceVersion on until the server ends it or the signal aborts.
   *
   * @throws {GoneError} when that version is too old: list again
   */
  watch<T extends KubeObject>(
    type: ResourceType,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>, void, undefined> {
    return openWatch<T>(this.#transport, type, options);
  }

  /** @throws {AlreadyExistsError} when there is an object of that name */
  create<T extends KubeObject>(type: ResourceType, object: T): Promise<T> {
    const path = resourcePath(type, { namespace: object.metadata.namespace });
    return this.#call<T>({ method: 'POST', path, body: object });
  }

  /** Replaces an object as a whole. @throws {ConflictError} when its resourceVersion is stale */
  replace<T extends KubeObject>(type: ResourceType, object: T): Promise<T> {
    return this.#call<T>({
      method: 'PUT',
      path: resourcePath(type, object.metadata),
      body: object,
    });
  }

  /**
   * Server-side apply: states the fields that this manager owns, creating the object if need be.
   *
   * @throws {ConflictError} when another manager owns one of them and `force` is not set
   */
  apply<T extends KubeObject>(type: ResourceType, object: T, options: ApplyOptions): Promise<T> {
    return this.#call<T>({
      method: 'PATCH',
      path: resourcePath(type, object.metadata, options.subresource),
      query: { fieldManager: options.fieldManager, force: options.force },
      // JSON is YAML.
      contentType: 'application/apply-patch+yaml',
      body: object,
    });
  }

  /**
   * JSON merge patch (RFC 7396). With `metadata.resourceVersion` in the patch it is optimistic.
   *
   * @throws {NotFoundError} when there is no such object
   * @throws {ConflictError} when the resourceVersion is stale
   */
  mergePatch<T extends KubeObject>(
    type: ResourceType,
    key: ObjectKey,
    patch: object,
    options: PatchOptions = {},
  ): Promise<T> {
    return this.#call<T>({
      method: 'PATCH',
      path: resourcePath(type, key, options.subresource),
      contentType: 'application/merge-patch+json',
      body: patch,
    });
  }

  /**
   * Deletes an object, or marks it for deletion when it has finalizers.
   *
   * @returns false when it was gone already
   * @throws {ConflictError} when a precondition does not hold
   */
  async delete(type: ResourceType, key: ObjectKey, options: DeleteOptions = {}): Promise<boolean> {
    const { uid, resourceVersion, propagationPolicy = 'Background', gracePeriodSeconds } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy,
      preconditions: { uid, resourceVersion },
      gracePeriodSeconds,
    };
    try {
      await this.#call({ method: 'DELETE', path: resourcePath(type, key), body });
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  /** The log of a pod's container, bounded. @throws {NotFoundError} when the pod is gone */
  readPodLog(key: ObjectKey, options: PodLogOptions = {}): Promise<string> {
    const { limitBytes = DEFAULT_LOG_LIMIT, tailLines, container } = options;
    return this.#transport.send({
      method: 'GET',
      path: resourcePath(RESOURCE_TYPES.pods, key, 'log'),
      query: { limitBytes, tailLines, container },
      timeoutMs: this.#limits.timeoutMs,
      // The API server may end a little past the limit, with a whole line.
      responseLimit: limitBytes + 64 * 1024,
    });
  }

  /** The version of the API server, such as `v1.35.4`; a cheap proof that it answers. */
  async serverVersion(): Promise<string> {
    const { gitVersion } = await this.#call<{ gitVersion: string }>({
      method: 'GET',
      path: '/version',
    });
    return gitVersion;
  }

  /** Ends all connections. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  async #call<T extends object>(call: Omit<Call, 'timeoutMs' | 'responseLimit'>): Promise<T> {
    const text = await this.#transport.send({
      ...call,
      timeoutMs: this.#limits.timeoutMs,
      responseLimit: OBJECT_LIMIT,
    });
    return parseAnswer(text, `${call.method} ${call.path}`, isAnswer) as T;
  }
}

/** Every answer of the API server names its kind, but for the version. */
function isAnswer(value: object): boolean {
  return 'kind' in value || 'gitVersion' in value;
}
