import { findCondition, RUN_CONDITION } from '../../../crds/condition.ts';
import { readPlanOrder } from '../../../crds/plan-order.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import type { Transaction } from '../../db/transaction.ts';
import type { PlanStatus } from '../../models/request-revision.ts';
import { RUNNING_STATUSES, type RequestStatus } from '../../policies/request-transitions.ts';

/** Where an approved plan of a deletion waits to be applied. */
const ENDING: readonly RequestStatus[] = ['deleting'];

/** A revision that a plan was ordered for, and how it stands. */
export interface DecidedPlan {
  request_id: string;
  revision: number;
  status: 'pending' | 'approved' | 'rejected' | 'superseded' | 'cancelled';
  plan_status: PlanStatus | null;
  plan_attempt: number;
  plan_digest: string | null;
  /** It is one of the deletion. */
  deletes: boolean;
  request_status: RequestStatus;
  in_force: number;
  approval_expires_at: Date | null;
}

/** What is known when a run is judged. */
export interface PlanKnowledge {
  plans: readonly DecidedPlan[];
  /** Every run that there is. */
  runs: readonly ResourceRun[];
  now: Date;
}

/** The revisions of requests that plans were ordered for. */
export async function listDecidedPlans(
  trx: Transaction,
  requestIds: readonly string[],
): Promise<DecidedPlan[]> {
  const { rows } = await trx.raw<{ rows: DecidedPlan[] }>(
    `select revision.request_id, revision.revision, revision.status, revision.plan_status,
       revision.plan_attempt, revision.plan_digest, revision.deletes, request.status as request_status,
       request.revision as in_force, request.approval_expires_at
     from request_revisions as revision
       join resource_requests as request on request.organization_id = revision.organization_id
         and request.id = revision.request_id
     where revision.request_id::text = any(?) and revision.plan_attempt > 0`,
    [[...requestIds]],
  );
  return rows;
}

/**
 * Whether a Plan run that the api ordered is of use: its plan is being made, waits for a decision,
 * or was approved and waits to be applied. Pure.
 */
export function needsRun(run: ResourceRun, knowledge: PlanKnowledge): boolean {
  const order = readPlanOrder(run);
  const plan = knowledge.plans.find(
    ({ request_id, revision }) => request_id === order?.requestId && revision === order.revision,
  );
  if (plan?.plan_attempt !== run.spec.attempt) return false;
  if (plan.status === 'pending') return plan.plan_status !== 'outdated';
  return plan.status === 'approved' && isToBeApplied(plan, knowledge);
}

function isToBeApplied(plan: DecidedPlan, { runs, now }: PlanKnowledge): boolean {
  const statuses = plan.deletes ? ENDING : RUNNING_STATUSES;
  if (plan.in_force !== plan.revision || !statuses.includes(plan.request_status)) return false;
  if (plan.approval_expires_at !== null && plan.approval_expires_at <= now) return false;
  return !runs.some(
    ({ spec, status }) =>
      spec.action === (plan.deletes ? 'Destroy' : 'Apply') &&
      spec.planDigest === plan.plan_digest &&
      ['True', 'False'].includes(findCondition(status?.conditions, RUN_CONDITION)?.status ?? ''),
  );
}
