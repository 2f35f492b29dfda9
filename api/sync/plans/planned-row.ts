import type { Transaction } from '../../db/transaction.ts';
import type { PlanStatus } from '../../models/request-revision.ts';
import type { RequestStatus } from '../../policies/request-transitions.ts';

/** The revision that waits for a decision, as far as its plan is concerned. */
export interface PlannedRow {
  id: string;
  organization_id: string;
  organization_slug: string;
  project_slug: string;
  /** Of the project; the resource goes there. */
  project_namespace: string;
  name: string;
  class_name: string;
  origin: 'api' | 'cluster';
  status: RequestStatus;
  resource_namespace: string | null;
  resource_uid: string | null;
  revision: number;
  parameters: Record<string, unknown>;
  reason: string | null;
  deletion_policy: 'Delete' | 'Retain' | null;
  /** It is the deletion that waits. */
  deletes: boolean;
  plan_status: PlanStatus | null;
  plan_attempt: number;
  plan_run: string | null;
  plan_digest: string | null;
  plan_inputs_digest: string | null;
  plan_failure: { type: string; message: string } | null;
  plan_at: Date | null;
}

const SELECT = `
  select request.id, request.organization_id, organization.slug as organization_slug,
    project.slug as project_slug, project.namespace as project_namespace, request.name,
    request.class_name, request.origin, request.status, request.resource_namespace,
    request.resource_uid, revision.revision, revision.parameters, revision.reason,
    revision.deletion_policy, revision.deletes, revision.plan_status, revision.plan_attempt, revision.plan_run,
    revision.plan_digest, revision.plan_inputs_digest, revision.plan_failure, revision.plan_at
  from resource_requests as request
    join projects as project on project.id = request.project_id
    join organizations as organization on organization.id = request.organization_id
    join request_revisions as revision
      on revision.organization_id = request.organization_id
      and revision.request_id = request.id and revision.status = 'pending'
`;

/** The revision of a request that waits for a decision; undefined where none does. */
export async function findPlannedRow(
  trx: Transaction,
  requestId: string,
): Promise<PlannedRow | undefined> {
  const { rows } = await trx.raw<{ rows: PlannedRow[] }>(
    `${SELECT} where request.id = ? order by revision.revision desc limit 1`,
    [requestId],
  );
  return rows[0];
}

/** The same, with the request locked until the transaction ends. */
export async function lockPlannedRow(
  trx: Transaction,
  requestId: string,
): Promise<PlannedRow | undefined> {
  await trx.raw('select id from resource_requests where id = ? for update', [requestId]);
  return findPlannedRow(trx, requestId);
}

/** Every revision that waits for a decision. */
export async function listPlannedRows(trx: Transaction): Promise<PlannedRow[]> {
  const { rows } = await trx.raw<{ rows: PlannedRow[] }>(`${SELECT} order by request.id`);
  return rows;
}

/** Where the resource of a request is, or will be. */
export function namespaceOf(row: PlannedRow): string {
  return row.resource_namespace ?? row.project_namespace;
}
