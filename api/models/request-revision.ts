import { Model } from 'objection';
import type { RunPlan } from '../../crds/run-plan.ts';
import type { Transaction } from '../db/transaction.ts';

/** One person's yes to a revision, as it is kept. */
export interface GivenApproval {
  by: string;
  email: string;
  /** RFC 3339. */
  at: string;
  comment: string | null;
}

/** How far the plan of a revision is; outdated: it is not what would be done any more. */
export const PLAN_STATUSES = ['planning', 'ready', 'failed', 'outdated'] as const;
export type PlanStatus = (typeof PLAN_STATUSES)[number];

/** What was asked for, each time it changed; decided one by one. */
export class RequestRevision extends Model {
  static override tableName = 'request_revisions';
  static override jsonAttributes = [
    'parameters',
    'approvals',
    'plan_changes',
    'plan_document',
    'plan_failure',
  ];

  declare id: string;
  declare organization_id: string;
  declare request_id: string;
  declare revision: number;
  declare class_name: string;
  declare class_digest: string | null;
  declare inputs_digest: string | null;
  declare parameters: Record<string, unknown>;
  declare reason: string | null;
  declare status: 'pending' | 'approved' | 'rejected' | 'superseded' | 'cancelled';
  declare requested_by: string | null;
  declare decided_by: string | null;
  declare decided_at: Date | null;
  declare decision_comment: string | null;
  declare approval: string | null;
  /** What was made is to be destroyed, and nothing else changes. */
  declare deletes: boolean;
  /** How many people the class wants; 0: nobody. */
  declare approvers: number;
  declare approvals: GivenApproval[];
  /** Of a resource that was made in the cluster. */
  declare deletion_policy: 'Delete' | 'Retain' | null;
  /** Null where the class wants no plan. */
  declare plan_status: PlanStatus | null;
  declare plan_attempt: number;
  declare plan_run: string | null;
  declare plan_digest: string | null;
  declare plan_inputs_digest: string | null;
  declare plan_changes: RunPlan['changes'] | null;
  declare plan_document: RunPlan | null;
  declare plan_failure: { type: string; message: string } | null;
  declare plan_at: Date | null;
  declare created_at: Date;

  /** The newest revision of a request, decided or not. */
  static async newest(
    trx: Transaction,
    request: { organization_id: string; id: string },
  ): Promise<RequestRevision | undefined> {
    return RequestRevision.query(trx)
      .select('revision', 'status', 'deletes')
      .where({ organization_id: request.organization_id, request_id: request.id })
      .orderBy('revision', 'desc')
      .first();
  }

  /** The number that the next revision of a request gets; the request is locked. */
  static async nextNumber(
    trx: Transaction,
    request: { organization_id: string; id: string },
  ): Promise<number> {
    const newest = await RequestRevision.newest(trx, request);
    return (newest?.revision ?? 0) + 1;
  }

  /** Settles the revision of a request that waits for a decision, if one does. */
  static async settlePending(
    trx: Transaction,
    request: { organization_id: string; id: string },
    change: Partial<RequestRevision>,
  ): Promise<void> {
    await RequestRevision.query(trx)
      .patch(change)
      .where({ organization_id: request.organization_id, request_id: request.id })
      .where({ status: 'pending' });
  }
}
