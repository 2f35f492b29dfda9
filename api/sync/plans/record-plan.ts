import { wantsPreview } from '../../../crds/preview.ts';
import type { RunPlan } from '../../../crds/run-plan.ts';
import type { Database } from '../../db/database.ts';
import { recordRequestEvent } from '../../db/request-events.ts';
import type { Transaction } from '../../db/transaction.ts';
import type { PlanStatus } from '../../models/request-revision.ts';
import { approveByBounds, type PlanServices } from './approve-by-bounds.ts';
import { lockPlannedRow, type PlannedRow } from './planned-row.ts';

/** What became of a plan. */
export type PlanOutcome =
  | { kind: 'ready'; run: string; plan: RunPlan }
  | { kind: 'failed'; run: string | null; failure: { type: string; message: string } };

/** Which revision an outcome is about; one that is not the last word any more does not count. */
export type IsCurrent = (row: PlannedRow) => boolean;

/**
 * Writes down what became of the plan of the revision that waits, and approves it where the class
 * lets the platform do that.
 *
 * @returns whether anything was written
 */
export async function recordPlan(
  trx: Transaction,
  services: PlanServices,
  outcome: PlanOutcome & { requestId: string },
  isCurrent: IsCurrent,
): Promise<boolean> {
  const row = await lockPlannedRow(trx, outcome.requestId);
  if (!row || !isCurrent(row) || isKnown(row, outcome)) return false;
  if (outcome.kind === 'failed') {
    await recordFailedPlan(trx, row, outcome);
    return true;
  }
  await recordReadyPlan(trx, row, outcome);
  const offered = services.classes.find(row.class_name);
  // What destroys everything, people decide.
  if (offered && wantsPreview(offered.spec) && !row.deletes) {
    await approveByBounds(trx, services, { row, plan: outcome.plan, offered });
  }
  return true;
}

/** The plan cannot be made at all, as it was ordered. */
export async function recordPlanRefused(
  database: Database,
  requestId: string,
  failure: { type: string; message: string },
): Promise<void> {
  await database.withSystem('relay: plan refused', async (trx) => {
    const row = await lockPlannedRow(trx, requestId);
    if (row?.plan_status === 'planning') await recordFailedPlan(trx, row, { run: null, failure });
  });
}

/** What was shown is not what would be done any more; nobody can approve it. */
export async function recordOutdatedPlan(
  trx: Transaction,
  row: PlannedRow,
  message: string,
): Promise<void> {
  await writePlan(trx, row, { plan_status: 'outdated' });
  await tell(trx, row, { type: 'plan_outdated', message, details: { digest: row.plan_digest } });
}

async function recordReadyPlan(
  trx: Transaction,
  row: PlannedRow,
  { run, plan }: Extract<PlanOutcome, { kind: 'ready' }>,
): Promise<void> {
  await writePlan(trx, row, {
    plan_status: 'ready',
    plan_run: run,
    plan_digest: plan.planDigest,
    plan_inputs_digest: plan.inputsDigest,
    plan_changes: JSON.stringify(plan.changes),
    plan_document: JSON.stringify(plan),
    plan_failure: null,
    // Whoever agreed before has agreed to another plan.
    approvals: '[]',
  });
  const details = { run, digest: plan.planDigest, changes: plan.changes };
  await tell(trx, row, { type: 'plan_ready', details });
}

async function recordFailedPlan(
  trx: Transaction,
  row: PlannedRow,
  { run, failure }: Pick<Extract<PlanOutcome, { kind: 'failed' }>, 'run' | 'failure'>,
): Promise<void> {
  await writePlan(trx, row, {
    ...{ plan_status: 'failed', plan_run: run, plan_digest: null, plan_document: null },
    ...{ plan_inputs_digest: null, plan_changes: null, approvals: '[]' },
    plan_failure: JSON.stringify(failure),
  });
  const details = { run, failure_type: failure.type };
  await tell(trx, row, { type: 'plan_failed', message: failure.message, details });
}

function isKnown(row: PlannedRow, outcome: PlanOutcome): boolean {
  if (outcome.kind === 'ready') {
    return row.plan_status === 'ready' && row.plan_digest === outcome.plan.planDigest;
  }
  return row.plan_status === 'failed' && row.plan_failure?.message === outcome.failure.message;
}

async function writePlan(
  trx: Transaction,
  row: PlannedRow,
  columns: { plan_status: PlanStatus } & Record<string, unknown>,
): Promise<void> {
  const { organization_id, id: request_id, revision } = row;
  await trx('request_revisions')
    .where({ organization_id, request_id, revision, status: 'pending' })
    .update({ ...columns, plan_at: trx.fn.now() });
  await trx('resource_requests').where({ id: row.id }).update({ updated_at: trx.fn.now() });
}

async function tell(
  trx: Transaction,
  row: PlannedRow,
  event: {
    type: 'plan_ready' | 'plan_failed' | 'plan_outdated';
    message?: string;
    details: Record<string, unknown>;
  },
): Promise<void> {
  await recordRequestEvent(trx, {
    ...{ organizationId: row.organization_id, requestId: row.id, actorId: null },
    ...{ type: event.type, message: event.message },
    details: { revision: row.revision, ...event.details },
  });
}
