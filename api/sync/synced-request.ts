import { NIL } from 'uuid';
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
  /** Whether the resource is ours, or was made in the cluster: then only the approval is. */
  origin: 'api' | 'cluster';
  status: RequestStatus;
  revision: number;
  pending_revision: number | null;
  decision_comment: string | null;
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
  /** Whether the revision in force is the deletion. */
  deletes: boolean;
  /** How many people the class wanted of it. */
  approvers: number;
  inputs_digest: string | null;
  observed_version: string | null;
  /** How the newest revision fared, and what was said about it. */
  newest_revision: number;
  newest_status: string;
  newest_comment: string | null;
  newest_deletes: boolean;
  newest_decided_at: Date | null;
  newest_parameters: Record<string, unknown>;
  newest_plan_digest: string | null;
  project_slug: string;
  organization_slug: string;
}

const SELECT = `
  select request.id, request.organization_id, request.project_id, request.class_name,
    request.name, request.status, request.revision, request.parameters, request.origin,
    request.pending_revision, request.decision_comment, newest.revision as newest_revision,
    newest.status as newest_status, newest.decision_comment as newest_comment,
    newest.deletes as newest_deletes, newest.decided_at as newest_decided_at,
    newest.parameters as newest_parameters, newest.plan_digest as newest_plan_digest,
    request.resource_namespace, request.resource_name, request.resource_uid,
    request.observed_version, request.conditions, request.outputs, request.credentials,
    request.failure, request.requested_by, requester.email as requester_email,
    revision.approval, revision.inputs_digest, coalesce(revision.deletes, false) as deletes,
    coalesce(revision.approvers, 1) as approvers, project.slug as project_slug, organization.slug as organization_slug
  from resource_requests as request
    join projects as project on project.id = request.project_id
    join organizations as organization on organization.id = request.organization_id
    left join request_revisions as revision
      on revision.organization_id = request.organization_id
      and revision.request_id = request.id and revision.revision = request.revision
    left join lateral (
      select revision, status, decision_comment, parameters, plan_digest, deletes, decided_at from request_revisions
      where organization_id = request.organization_id and request_id = request.id
      order by revision desc limit 1
    ) as newest on true
    left join users as requester on requester.id = request.requested_by
`;

/** A request by its id. */
export async function findSyncedRequest(
  trx: Transaction,
  id: string,
): Promise<SyncedRequest | undefined> {
  const { rows } = await trx.raw<{ rows: SyncedRequest[] }>(`${SELECT} where request.id = ?`, [id]);
  return rows[0];
}

/**
 * The same, locked until the transaction ends: nobody else changes it in between. Locked first
 * and read then: a lock that had to wait would pair the new row with joined rows of before.
 */
export async function lockSyncedRequest(
  trx: Transaction,
  id: string,
): Promise<SyncedRequest | undefined> {
  await trx.raw('select id from resource_requests where id = ? for update', [id]);
  return findSyncedRequest(trx, id);
}

/** The requests in these statuses, and those of the cluster that wait, in the order of their ids, page by page. */
export async function listSyncedRequests(
  trx: Transaction,
  statuses: readonly RequestStatus[],
  page: { after: string | undefined; limit: number },
): Promise<SyncedRequest[]> {
  const { rows } = await trx.raw<{ rows: SyncedRequest[] }>(
    `${SELECT} where (request.status = any(?) or (request.status = 'pending' and request.origin = 'cluster'))
       and request.id > ? order by request.id limit ?`,
    [[...statuses], page.after ?? NIL, page.limit],
  );
  return rows;
}
