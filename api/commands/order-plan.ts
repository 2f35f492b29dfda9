import { enqueueOutbox } from '../db/outbox.ts';
import type { Transaction } from '../db/transaction.ts';

/** The request whose plan is ordered. */
export interface PlannedRequest {
  id: string;
  organization_id: string;
  /** What was made in the cluster, the operator plans by itself. */
  origin: 'api' | 'cluster';
  /** As long as it is not deleted there, it is the api that has its deletion planned. */
  deletes?: boolean;
}

/**
 * Orders a plan of a revision that waits for a decision. What was agreed to before was another plan,
 * so nothing of that counts any more.
 */
export async function orderPlan(
  trx: Transaction,
  request: PlannedRequest,
  revision: number,
): Promise<void> {
  const { id, organization_id, origin, deletes = false } = request;
  await trx.raw(ORDER, { organization: organization_id, request: id, revision });
  if (origin === 'cluster' && !deletes) return;
  await enqueueOutbox(trx, {
    ...{ organizationId: organization_id, kind: 'plan', key: id, payload: {} },
  });
}

const ORDER = `
  update request_revisions set plan_status = 'planning', plan_attempt = plan_attempt + 1,
    plan_run = null, plan_digest = null, plan_inputs_digest = null, plan_changes = null,
    plan_document = null, plan_failure = null, plan_at = now(), approvals = '[]'
  where organization_id = :organization and request_id = :request and revision = :revision
    and status = 'pending'
`;
