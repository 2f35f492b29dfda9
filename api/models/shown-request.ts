import type { Model } from 'objection';
import { runTogether } from '../db/run-together.ts';
import type { Transaction } from '../db/transaction.ts';
import type { RequestState } from '../policies/request-transitions.ts';
import type { GivenApproval, PlanStatus } from './request-revision.ts';
import type { ResourceRequest } from './resource-request.ts';
import { lockRequest, selectShownRequest, shownRequestRow } from './shown-request-rows.ts';

/** A request with what is shown beside it: who, and the revision that waits or is in force. */
export interface ShownRequest extends Omit<ResourceRequest, keyof Model> {
  requester_email: string | null;
  decider_email: string | null;
  latest_parameters: Record<string, unknown>;
  latest_reason: string | null;
  /** Who made the revision that waits, or the one in force. */
  latest_author: string | null;
  /** Of the revision that waits; null where none does. */
  latest_author_email: string | null;
  latest_created_at: Date;
  latest_approvers: number;
  latest_approvals: GivenApproval[];
  latest_deletion_policy: 'Delete' | 'Retain' | null;
  /** Whether it is the deletion that waits, or is in force. */
  latest_deletes: boolean;
  /** Null where the class wants no plan. */
  latest_plan_status: PlanStatus | null;
  latest_plan_run: string | null;
  latest_plan_digest: string | null;
  latest_plan_inputs_digest: string | null;
  latest_plan_changes: { add: number; change: number; destroy: number } | null;
  latest_plan_failure: { type: string; message: string } | null;
}

/** One request of the caller's organisation, or undefined. */
export async function findShownRequest(
  trx: Transaction,
  id: string,
): Promise<ShownRequest | undefined> {
  const [[row] = []] = await runTogether(trx, [selectShownRequest(id)]);
  return row && shownRequestRow.read(row);
}

/**
 * The same, locked until the transaction ends. Locked first and read then: a lock that had to wait
 * would pair the new row with joined rows of before.
 */
export async function lockShownRequest(
  trx: Transaction,
  id: string,
): Promise<ShownRequest | undefined> {
  const [, [row] = []] = await runTogether(trx, [lockRequest(id), selectShownRequest(id)]);
  return row && shownRequestRow.read(row);
}

/** What the state machine looks at. */
export function stateOf(
  request: Pick<
    ShownRequest,
    'status' | 'pending_revision' | 'latest_plan_status' | 'latest_deletes'
  >,
): RequestState {
  const { status, pending_revision: pendingRevision, latest_plan_status: planStatus } = request;
  return { status, pendingRevision, planStatus, deletes: request.latest_deletes };
}
