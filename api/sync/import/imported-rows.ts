import { v7 as uuid } from 'uuid';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { recordAudit } from '../../db/audit.ts';
import { recordRequestEvent } from '../../db/request-events.ts';
import type { Transaction } from '../../db/transaction.ts';
import { specOf, type ImportedRow, type ImportedSpec } from './decide-import.ts';

/** The project that a namespace belongs to. */
export interface ImportProject {
  id: string;
  organization_id: string;
  namespace: string;
  slug: string;
  organization_slug: string;
}

/** How a revision from the cluster begins. */
export interface RevisionStart {
  revision: number;
  status: 'pending' | 'approved';
  approvers: number;
  /** The operator plans what was made in the cluster. */
  plan_status: 'planning' | null;
  class_digest: string | null;
  inputs_digest: string | null;
}

/** The live project whose namespace this is, or undefined. */
export async function findProject(
  trx: Transaction,
  namespace: string,
): Promise<ImportProject | undefined> {
  return trx('projects')
    .join('organizations', 'organizations.id', 'projects.organization_id')
    .where('projects.namespace', namespace)
    .whereNull('projects.deleted_at')
    .first<ImportProject | undefined>(
      'projects.id',
      'projects.organization_id',
      'projects.namespace',
      'projects.slug',
      'organizations.slug as organization_slug',
    );
}

const NEWEST = `
  select request.id, request.status, request.revision, request.pending_revision,
    request.observed_version, last.deletes and last.status = 'pending' as awaits_deletion,
    jsonb_build_object('parameters', current.parameters,
      'deletion_policy', current.deletion_policy) as in_force,
    jsonb_build_object('parameters', newest.parameters, 'status', newest.status,
      'deletion_policy', newest.deletion_policy, 'revision', last.revision) as newest
  from resource_requests as request
    join request_revisions as current on current.organization_id = request.organization_id
      and current.request_id = request.id and current.revision = request.revision
    join lateral (
      select parameters, deletion_policy, status from request_revisions
      where organization_id = request.organization_id and request_id = request.id and not deletes
      order by revision desc limit 1
    ) as newest on true
    join lateral (
      select revision, status, deletes from request_revisions
      where organization_id = request.organization_id and request_id = request.id
      order by revision desc limit 1
    ) as last on true
  where request.id = ?
`;

/** The newest request that was made of a resource, locked; undefined where there is none. */
export async function lockImported(
  trx: Transaction,
  resource: ResourceRequest,
): Promise<ImportedRow | undefined> {
  const { namespace = '', name, uid = '' } = resource.metadata;
  const { rows: ids } = await trx.raw<{ rows: { id: string }[] }>(
    `select id from resource_requests
     where resource_namespace = ? and resource_name = ? and resource_uid = ? and origin = 'cluster'
     order by id desc limit 1 for update`,
    [namespace, name, uid],
  );
  if (!ids[0]) return undefined;
  const { rows } = await trx.raw<{ rows: ImportedRow[] }>(NEWEST, [ids[0].id]);
  return rows[0];
}

/**
 * Makes the request of a resource, with its first revision.
 *
 * @returns its id; undefined where another live request of the project has the name, or another
 *   replica was faster
 */
export async function insertImported(
  trx: Transaction,
  project: ImportProject,
  resource: ResourceRequest,
  start: RevisionStart,
): Promise<string | undefined> {
  const { metadata, spec } = resource;
  const id = uuid();
  const inserted = await trx('resource_requests')
    .insert({
      ...{ id, organization_id: project.organization_id, project_id: project.id },
      ...{ class_name: spec.className, name: metadata.name, origin: 'cluster' },
      parameters: JSON.stringify(spec.parameters ?? {}),
      status: start.status,
      claimed_requester: spec.requestedBy ? JSON.stringify(spec.requestedBy) : null,
      resource_namespace: metadata.namespace,
      resource_name: metadata.name,
      resource_uid: metadata.uid,
      observed_version: metadata.resourceVersion ?? null,
    })
    .onConflict()
    .ignore()
    .returning('id');
  if (inserted.length === 0) return undefined;
  const request = { id, organization_id: project.organization_id, class_name: spec.className };
  await insertRevision(trx, request, specOf(resource), start);
  return id;
}

/** Adds a revision of a request. */
export async function insertRevision(
  trx: Transaction,
  request: { id: string; organization_id: string; class_name: string },
  spec: ImportedSpec,
  start: RevisionStart,
): Promise<void> {
  await trx('request_revisions').insert({
    ...{ id: uuid(), organization_id: request.organization_id, request_id: request.id },
    class_name: request.class_name,
    parameters: JSON.stringify(spec.parameters),
    deletion_policy: spec.deletion_policy,
    ...start,
  });
}

/** What is written down of an import. */
export interface ImportRecord {
  type: 'imported' | 'changed' | 'withdrawn';
  details: Record<string, unknown>;
}

/** Writes down what came from the cluster; who did it there, nobody knows for sure. */
export async function recordImport(
  trx: Transaction,
  request: { id: string; organization_id: string },
  record: ImportRecord,
): Promise<void> {
  const organizationId = request.organization_id;
  const entry = { organizationId, actorId: null, details: record.details };
  await recordRequestEvent(trx, { ...entry, requestId: request.id, type: record.type });
  await recordAudit(trx, {
    ...{ organizationId, actor: null },
    action: `resource_request.${record.type === 'imported' ? 'import' : 'update'}`,
    target: { type: 'resource_request', id: request.id },
    details: { ...record.details, origin: 'cluster' },
  });
}
