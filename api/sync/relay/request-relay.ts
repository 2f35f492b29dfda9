import { ANNOTATIONS } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { ConflictError, NotFoundError } from '../../../lib/kube/errors.ts';
import type { Database } from '../../db/database.ts';
import { recordResourceGone, recordResourceUid } from '../synced-request-writes.ts';
import { findSyncedRequest, type SyncedRequest } from '../synced-request.ts';
import {
  buildDecision,
  buildResourceRequest,
  type ImportedDecision,
} from './build-resource-request.ts';
import { describeRefusal } from './describe-refusal.ts';
import { decideRequestStep } from './decide-request-step.ts';
import { FIELD_MANAGER, type ProjectNamespaces } from './project-namespaces.ts';
import { ForeignResourceError, UnsettledError } from './relay-errors.ts';

/** Looks at both sides at most so often before the task goes back to the queue. */
const MOST_PASSES = 5;

/** What came of a task: both sides agree, or what was begun is not over yet. */
export type CarryOverResult = 'done' | 'waiting';

interface ResourceKey {
  namespace: string;
  name: string;
}

/** What the relay of requests works with. */
export interface RequestRelayDependencies {
  database: Database;
  client: KubeClient;
  namespaces: ProjectNamespaces;
}

/**
 * Makes Kubernetes agree with the row of a request: look at both, take the one step that is
 * missing, look again. An apply that overlaps with a deletion is found by the second look, so it
 * leaves nothing behind; if the process dies before, the task is done again by another.
 */
export class RequestRelay {
  readonly #database: Database;
  readonly #client: KubeClient;
  readonly #namespaces: ProjectNamespaces;

  constructor(dependencies: RequestRelayDependencies) {
    this.#database = dependencies.database;
    this.#client = dependencies.client;
    this.#namespaces = dependencies.namespaces;
  }

  /**
   * @param id of the request
   * @param reconcileAt asks the operator to look at the resource again (RFC 3339)
   * @returns `waiting` while the resource is going: the row follows by a later look, whatever
   *   becomes of the event that says so
   * @throws {ForeignResourceError} {ForeignNamespaceError} {KubernetesApiError}
   */
  async carryOver(id: string, reconcileAt?: string): Promise<CarryOverResult> {
    for (let pass = 0; pass < MOST_PASSES; pass += 1) {
      const request = await this.#find(id);
      const key = request && resourceKey(request);
      if (!request || !key) return 'done';
      const result = await this.#takeStep(request, key);
      if (result === 'again') continue;
      if (reconcileAt === undefined) return result;
      await this.#wakeOperator(key, request, reconcileAt);
      // Told once; the order of the deletion is another task, and waits for its end.
      return 'done';
    }
    throw new UnsettledError();
  }

  #find(id: string): Promise<SyncedRequest | undefined> {
    return this.#database.withSystem('relay: look', (trx) => findSyncedRequest(trx, id));
  }

  async #takeStep(request: SyncedRequest, key: ResourceKey): Promise<CarryOverResult | 'again'> {
    const resource = await this.#client.get<ResourceRequest>(RESOURCE_REQUESTS, key);
    const { id, status, origin, resource_uid: resourceUid } = request;
    const deletionApproval = request.deletes ? request.approval : null;
    const row = { id, status, origin, resourceUid, deletionApproval };
    const step = decideRequestStep(row, resource);
    switch (step.kind) {
      case 'nothing':
        return 'done';
      case 'wait':
        return 'waiting';
      case 'foreign':
        throw new ForeignResourceError(key.name);
      case 'gone':
        await recordResourceGone(this.#database, request.id, request.resource_uid);
        return 'done';
      case 'approve-deletion':
        await this.#patch(key, { metadata: { uid: step.uid }, spec: { approval: step.approval } });
        return 'again';
      case 'delete':
        await this.#delete(key, step.uid);
        return 'again';
      case 'apply':
        return (await this.#apply(request, key)) ? 'done' : 'again';
    }
  }

  async #delete(key: ResourceKey, uid: string): Promise<void> {
    try {
      await this.#client.delete(RESOURCE_REQUESTS, key, { uid });
    } catch (error) {
      // Another object has the name by now: the next look decides about that one.
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  /** @returns whether both sides agree now */
  async #apply(request: SyncedRequest, key: ResourceKey): Promise<boolean> {
    if (request.resource_uid === null) await this.#namespaces.ensure(projectOf(request, key));
    const isImported = request.origin === 'cluster';
    const object = isImported
      ? buildDecision(decisionOf(request, key))
      : buildResourceRequest(wantedOf(request, key));
    try {
      // Nobody but the api has anything to say in an approval.
      const options = { fieldManager: FIELD_MANAGER, force: isImported };
      const applied = await this.#client.apply(RESOURCE_REQUESTS, object, options);
      const uid = applied.metadata.uid ?? '';
      return (await this.#isStillWanted(request, uid)) && (await this.#isSeen(request, key, uid));
    } catch (error) {
      if (error instanceof NotFoundError) this.#namespaces.forget(key.namespace);
      // The uid did not match: the resource went away between look and write.
      if (error instanceof ConflictError && !error.hasCause('FieldManagerConflict')) return false;
      throw error;
    }
  }

  /** The row may have moved on while the call was on its way. */
  async #isStillWanted(applied: SyncedRequest, uid: string): Promise<boolean> {
    const now = await recordResourceUid(this.#database, applied.id, uid);
    return (
      now !== undefined &&
      now.revision === applied.revision &&
      now.resource_uid === uid &&
      now.status !== 'deleting' &&
      now.status !== 'deleted'
    );
  }

  /**
   * Whether the resource is still there now that the row knows its uid: whoever saw it go before
   * could not tell whose it was.
   */
  async #isSeen(applied: SyncedRequest, key: ResourceKey, uid: string): Promise<boolean> {
    if (applied.resource_uid !== null) return true;
    const found = await this.#client.get<ResourceRequest>(RESOURCE_REQUESTS, key);
    return found?.metadata.uid === uid;
  }

  async #wakeOperator(key: ResourceKey, request: SyncedRequest, at: string): Promise<void> {
    const uid = request.resource_uid;
    const annotations = { [ANNOTATIONS.reconcileAt]: at };
    await this.#patch(key, { metadata: { ...(uid === null ? {} : { uid }), annotations } });
  }

  /** Writes nothing but these fields; an approval goes to what is being deleted, too. */
  async #patch(key: ResourceKey, patch: object): Promise<void> {
    try {
      await this.#client.mergePatch(RESOURCE_REQUESTS, key, patch);
    } catch (error) {
      // Gone, or another one: there is nothing to say to it.
      if (!(error instanceof NotFoundError || error instanceof ConflictError)) throw error;
    }
  }
}

function resourceKey(request: SyncedRequest): ResourceKey | undefined {
  const { resource_namespace: namespace, resource_name: name } = request;
  return namespace === null || name === null ? undefined : { namespace, name };
}

function projectOf(
  request: SyncedRequest,
  key: ResourceKey,
): Parameters<ProjectNamespaces['ensure']>[0] {
  return {
    namespace: key.namespace,
    organizationSlug: request.organization_slug,
    projectSlug: request.project_slug,
  };
}

function wantedOf(
  request: SyncedRequest,
  key: ResourceKey,
): Parameters<typeof buildResourceRequest>[0] {
  const { requested_by: userId, requester_email: email } = request;
  return {
    requestId: request.id,
    namespace: key.namespace,
    name: key.name,
    uid: request.resource_uid ?? undefined,
    className: request.class_name,
    parameters: request.parameters,
    requestedBy: userId !== null && email !== null ? { id: userId, name: email } : undefined,
    approval: request.approval ?? undefined,
  };
}

function decisionOf(request: SyncedRequest, key: ResourceKey): ImportedDecision {
  return {
    ...key,
    uid: request.resource_uid ?? undefined,
    approval: request.approval ?? undefined,
    note: describeRefusal(request),
  };
}
