import type { Knex } from 'knex';
import type { Transaction } from '../db/transaction.ts';
import type { RequestStatus } from '../policies/request-transitions.ts';
import type { CredentialsReference, MirroredCondition } from './mirror/mirrored-fields.ts';
import type { MirroredFailure } from './mirror/mirrored-status.ts';

/** A request as relay and mirror see it: the row, and the approval of the revision in force. */
export interface SyncedRequest {
  id: string;
  organization_id: string;
  project_id: string;
  class_name: string;
  name: string;
  status: RequestStatus;
  revision: number;
  parameters: Record<string, unknown>;
  resource_namespace: string | null;
  resource_name: string | null;
  resource_uid: string | null;
  conditions: MirroredCondition[];
  outputs: Record<string, unknown>;
  credentials: CredentialsReference | null;
  failure: MirroredFailure | null;
  requested_by: string | null;
  requester_email: string | null;
  approval: string | null;
  observed_version: string | null;
  project_slug: string;
  organization_slug: string;
}

const COLUMNS = [
  ...['id', 'organization_id', 'project_id', 'class_name', 'name', 'status', 'revision'],
  ...['parameters', 'resource_namespace', 'resource_name', 'resource_uid', 'conditions'],
  ...['outputs', 'credentials', 'failure', 'requested_by', 'observed_version'],
].map((column) => `request.${column}`);

function select(trx: Transaction): Knex.QueryBuilder<SyncedRequest, SyncedRequest[]> {
  return trx('resource_requests as request')
    .leftJoin('request_revisions as revision', (join) => {
      void join
        .on('revision.organization_id', 'request.organization_id')
        .andOn('revision.request_id', 'request.id')
        .andOn('revision.revision', 'request.revision');
    })
    .leftJoin('users as requester', 'requester.id', 'request.requested_by')
    .join('projects as project', 'project.id', 'request.project_id')
    .join('organizations as organization', 'organization.id', 'request.organization_id')
    .select(...COLUMNS, 'revision.approval', 'requester.email as requester_email')
    .select('project.slug as project_slug', 'organization.slug as organization_slug');
}

/** A request by its id. */
export async function findSyncedRequest(
  trx: Transaction,
  id: string,
): Promise<SyncedRequest | undefined> {
  return (await select(trx).where('request.id', id)).at(0);
}

/** The same, locked until the transaction ends: nobody else changes it in between. */
export async function lockSyncedRequest(
  trx: Transaction,
  id: string,
): Promise<SyncedRequest | undefined> {
  return (await select(trx).where('request.id', id).forUpdate('request')).at(0);
}

/** The requests that may have a resource, in the order of their ids, page by page. */
export async function listSyncedRequests(
  trx: Transaction,
  statuses: readonly RequestStatus[],
  page: { after: string | undefined; limit: number },
): Promise<SyncedRequest[]> {
  const query = select(trx)
    .whereIn('request.status', [...statuses])
    .orderBy('request.id');
  if (page.after !== undefined) void query.where('request.id', '>', page.after);
  return query.limit(page.limit);
}
