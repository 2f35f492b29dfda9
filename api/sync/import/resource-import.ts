import { inputsDigest } from '../../../crds/approval.ts';
import { wantsPreview } from '../../../crds/preview.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import type { Logger } from '../../../lib/logger.ts';
import { approversOf, enqueueRequest } from '../../commands/approve-revision.ts';
import type { Database } from '../../db/database.ts';
import type { Transaction } from '../../db/transaction.ts';
import type { ClassCatalogue } from '../classes/class-catalogue.ts';
import type { ProjectNamespaces } from '../relay/project-namespaces.ts';
import { decideImport, specOf, type ImportedRow } from './decide-import.ts';
import type { ImportNotes } from './import-notes.ts';
import {
  findProject,
  insertImported,
  insertRevision,
  lockImported,
  recordImport,
  type ImportProject,
  type RevisionStart,
} from './imported-rows.ts';

/** Another live request of the project has the name. */
const NAME_TAKEN = Symbol('name taken');

/** What the import works with. */
export interface ResourceImportDependencies {
  database: Database;
  classes: ClassCatalogue;
  namespaces: Pick<ProjectNamespaces, 'isOwn'>;
  notes: ImportNotes;
  log: Logger;
}

/**
 * Makes requests of resources that nobody asked the api for: those that people applied, or their
 * GitOps tool. The resource stays theirs; an approval is all that comes back.
 */
export class ResourceImport {
  readonly #dependencies: ResourceImportDependencies;
  /** Uids of resources in namespaces that are no project's: logged once. */
  readonly #foreign = new Set<string>();

  constructor(dependencies: ResourceImportDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Sees to it that there is a request that says what a resource says. Any number of times and in
   * any number of replicas, it is one request.
   *
   * @returns the id of the request; undefined where there is none to be
   * @throws {UnavailableError} while the classes are not known
   */
  async observe(resource: ResourceRequest): Promise<string | undefined> {
    const { database } = this.#dependencies;
    const namespace = resource.metadata.namespace ?? '';
    const project = await database.withSystem('import: find the project', (trx) =>
      findProject(trx, namespace),
    );
    if (!project || !(await this.#isOwn(project))) {
      this.#ignore(resource);
      return undefined;
    }
    const outcome = await database.withSystem('import', (trx) =>
      this.#settle(trx, project, resource),
    );
    if (outcome !== NAME_TAKEN) return outcome;
    await this.#dependencies.notes.nameTaken(resource);
    return undefined;
  }

  #isOwn(project: ImportProject): Promise<boolean> {
    const { namespace, slug, organization_slug } = project;
    return this.#dependencies.namespaces.isOwn({
      ...{ namespace, projectSlug: slug, organizationSlug: organization_slug },
    });
  }

  #ignore(resource: ResourceRequest): void {
    const { namespace, name, uid = '' } = resource.metadata;
    if (this.#foreign.has(uid)) return;
    this.#foreign.add(uid);
    const message = 'a resource in a namespace that is no project’s is left alone';
    this.#dependencies.log.info(message, { namespace, name });
  }

  async #settle(
    trx: Transaction,
    project: ImportProject,
    resource: ResourceRequest,
  ): Promise<string | typeof NAME_TAKEN | undefined> {
    const row = await lockImported(trx, resource);
    const step = decideImport(resource, row);
    if (step.kind === 'create') return this.#create(trx, project, resource);
    if (step.kind === 'nothing' || !row) return row?.id;
    const request = { ...row, organization_id: project.organization_id };
    if (step.kind === 'revise') await this.#revise(trx, request, resource);
    else await withdraw(trx, request, resource);
    return row.id;
  }

  async #create(
    trx: Transaction,
    project: ImportProject,
    resource: ResourceRequest,
  ): Promise<string | typeof NAME_TAKEN> {
    const start = this.#start(resource, 1);
    const id = await insertImported(trx, project, resource, start);
    // Another replica may have been faster.
    if (id === undefined) return (await lockImported(trx, resource))?.id ?? NAME_TAKEN;
    const request = { id, organization_id: project.organization_id };
    const { namespace, name, uid } = resource.metadata;
    await recordImport(trx, request, {
      type: 'imported',
      details: {
        ...{ resource: { namespace, name, uid }, claimed: resource.spec.requestedBy ?? null },
        ...{ before: null, after: { status: start.status, ...specOf(resource) } },
      },
    });
    if (this.#dependencies.notes.has(resource)) await enqueueRequest(trx, request);
    return id;
  }

  /** Like a change by the api: what is in force runs on, and the change waits. */
  async #revise(
    trx: Transaction,
    request: ImportedRow & { organization_id: string },
    resource: ResourceRequest,
  ): Promise<void> {
    const revision = request.newest.revision + 1;
    const start = this.#start(resource, revision);
    const spec = specOf(resource);
    await settlePending(trx, request, 'superseded');
    const key = { ...request, class_name: resource.spec.className };
    await insertRevision(trx, key, spec, start);
    const isInForce = request.status === 'pending' || start.status === 'approved';
    const change = isInForce
      ? { revision, parameters: JSON.stringify(spec.parameters), pending_revision: null }
      : { pending_revision: revision };
    const status = start.status === 'approved' ? 'approved' : request.status;
    await updateRequest(trx, request, resource, { ...change, status });
    await recordImport(trx, request, {
      type: 'changed',
      details: { revision, before: request.newest, after: { revision, ...spec } },
    });
  }

  /** A class that approves by itself does so here as well. */
  #start(resource: ResourceRequest, revision: number): RevisionStart {
    const offered = this.#dependencies.classes.find(resource.spec.className);
    const approvers = offered ? approversOf(offered) : 1;
    if (!offered || approvers > 0) {
      return {
        ...{ revision, approvers, status: 'pending' },
        plan_status: offered && wantsPreview(offered.spec) ? 'planning' : null,
        class_digest: null,
        inputs_digest: null,
      };
    }
    const inputs = inputsDigest({
      classDigest: offered.digest,
      namespace: resource.metadata.namespace ?? '',
      name: resource.metadata.name,
      parameters: resource.spec.parameters,
      deletionPolicy: resource.spec.deletionPolicy,
    });
    return {
      ...{ revision, approvers, status: 'approved', plan_status: null },
      ...{ class_digest: offered.digest, inputs_digest: inputs },
    };
  }
}

async function withdraw(
  trx: Transaction,
  request: ImportedRow & { organization_id: string },
  resource: ResourceRequest,
): Promise<void> {
  await settlePending(trx, request, 'cancelled');
  await updateRequest(trx, request, resource, { pending_revision: null });
  await recordImport(trx, request, {
    type: 'withdrawn',
    details: {
      before: { pending_revision: request.pending_revision },
      after: { pending_revision: null },
    },
  });
}

async function settlePending(
  trx: Transaction,
  request: { id: string; organization_id: string },
  status: 'superseded' | 'cancelled',
): Promise<void> {
  await trx('request_revisions')
    .where({ organization_id: request.organization_id, request_id: request.id, status: 'pending' })
    .update({ status });
}

async function updateRequest(
  trx: Transaction,
  request: { id: string },
  resource: ResourceRequest,
  columns: Record<string, unknown>,
): Promise<void> {
  const version = { observed_version: resource.metadata.resourceVersion ?? null };
  await trx('resource_requests')
    .where({ id: request.id })
    .update({ ...columns, ...version, updated_at: trx.fn.now() });
}
