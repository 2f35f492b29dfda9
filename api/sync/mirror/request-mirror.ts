import { z } from 'zod';
import { ANNOTATIONS } from '../../../crds/constants.ts';
import { resourceRequestSchema, type ResourceRequest } from '../../../crds/resource-request.ts';
import { canonicalJson } from '../../../lib/canonical-json.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { Logger } from '../../../lib/logger.ts';
import { enqueueRequest } from '../../commands/approve-revision.ts';
import type { Database } from '../../db/database.ts';
import type { Transaction } from '../../db/transaction.ts';
import { RUNNING_STATUSES } from '../../policies/request-transitions.ts';
import { credentialKeys } from '../classes/offered-class.ts';
import type { ClassCatalogue } from '../classes/class-catalogue.ts';
import { isOlder } from '../import/decide-import.ts';
import type { ResourceImport } from '../import/resource-import.ts';
import type { PlanMirror } from '../plans/plan-mirror.ts';
import { moveRequest, recordResourceGoneByUid } from '../synced-request-writes.ts';
import { lockSyncedRequest, type SyncedRequest } from '../synced-request.ts';
import { mirrorFields, type MirroredFields } from './mirrored-fields.ts';

/** What the mirror of requests works with. */
export interface RequestMirrorDependencies {
  database: Database;
  classes: ClassCatalogue;
  /** Takes what nobody asked the api for. */
  imports: Pick<ResourceImport, 'observe'>;
  /** Takes the plans that the operator made. */
  plans: Pick<PlanMirror, 'followResource'>;
  /** The cache of an informer. */
  resources: { get(key: string): KubeObject | undefined };
  log: Logger;
}

/** Copies what the operator says about a resource into the row of its request. */
export class RequestMirror {
  readonly #dependencies: RequestMirrorDependencies;

  constructor(dependencies: RequestMirrorDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Looks at one resource again; writes only what is different.
   *
   * @param key `<namespace>/<name>`
   */
  async mirror(key: string): Promise<void> {
    const resource = this.#read(key);
    if (!resource) return;
    const id = await this.#mirror(resource);
    if (id !== undefined) await this.#dependencies.plans.followResource(id, resource);
    await this.#endIfGone(key, resource);
  }

  /** Whoever saw it go while its row was made could not tell whose it was. */
  async #endIfGone(key: string, { metadata }: ResourceRequest): Promise<void> {
    const { namespace = '', name, uid = '' } = metadata;
    if (this.#dependencies.resources.get(key)?.metadata.uid === uid) return;
    await recordResourceGoneByUid(this.#dependencies.database, { namespace, name, uid });
  }

  /** @returns the id of its request; undefined where there is none */
  async #mirror(resource: ResourceRequest): Promise<string | undefined> {
    const claimed = requestIdOf(resource);
    if (claimed !== undefined && (await this.#follow(claimed, resource))) return claimed;
    const imported = await this.#dependencies.imports.observe(resource);
    if (imported !== undefined) await this.#follow(imported, resource);
    return imported;
  }

  /** @returns whether the resource is of this request */
  async #follow(requestId: string, resource: ResourceRequest): Promise<boolean> {
    return this.#dependencies.database.withSystem('mirror: request', async (trx) => {
      const request = await lockSyncedRequest(trx, requestId);
      if (!request || !isResourceOf(request, resource)) return false;
      await this.#copy(trx, request, resource);
      return true;
    });
  }

  #read(key: string): ResourceRequest | undefined {
    const object = this.#dependencies.resources.get(key);
    if (object === undefined) return undefined;
    const parsed = resourceRequestSchema.safeParse(object);
    if (!parsed.success) this.#dependencies.log.warn('a resource cannot be read', { key });
    return parsed.data;
  }

  async #copy(trx: Transaction, request: SyncedRequest, resource: ResourceRequest): Promise<void> {
    if (!isMirrored(request) || isOlder(resource, request)) return;
    const fields = mirrorFields(request, resource, this.#credentialKeys(request.class_name));
    if (canonicalJson(presentFields(request)) === canonicalJson(fields)) return;
    const version = { observed_version: resource.metadata.resourceVersion ?? null };
    await moveRequest(trx, request, {
      status: fields.status,
      fields: { ...toColumns(fields), ...version },
      failure: fields.failure,
    });
    // Deleted in the cluster: from now on the relay looks after its end, as if the api had asked.
    const isBegun = fields.status === 'deleting' && request.status !== 'deleting';
    if (isBegun) await enqueueRequest(trx, request);
  }

  /** Undefined while the class is not known; then the keys of before stay. */
  #credentialKeys(className: string): string[] | undefined {
    const offered = this.#dependencies.classes.find(className);
    return offered && credentialKeys(offered.spec);
  }
}

/**
 * The request that a resource says it was made for. Anybody with rights in a namespace can write
 * this annotation, so it is believed only if the row names the same resource.
 */
export function requestIdOf(resource: ResourceRequest): string | undefined {
  return z.uuid().safeParse(resource.metadata.annotations?.[ANNOTATIONS.requestId]).data;
}

function isResourceOf(request: SyncedRequest, resource: ResourceRequest): boolean {
  const { namespace, name, uid } = resource.metadata;
  return (
    request.resource_namespace === namespace &&
    request.resource_name === name &&
    (request.resource_uid === null || request.resource_uid === uid)
  );
}

function isMirrored({ status, origin }: SyncedRequest): boolean {
  if (status === 'pending') return origin === 'cluster';
  return RUNNING_STATUSES.includes(status) || status === 'deleting';
}

function presentFields(request: SyncedRequest): MirroredFields {
  const { status, resource_uid, conditions, outputs, credentials, failure } = request;
  return { status, resource_uid, conditions, outputs, credentials, failure };
}

function toColumns(fields: MirroredFields): Record<string, unknown> {
  return {
    resource_uid: fields.resource_uid,
    conditions: JSON.stringify(fields.conditions),
    outputs: JSON.stringify(fields.outputs),
    credentials: fields.credentials === null ? null : JSON.stringify(fields.credentials),
    failure: fields.failure === null ? null : JSON.stringify(fields.failure),
  };
}
