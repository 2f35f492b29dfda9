import { Model, type QueryBuilder } from 'objection';
import type { Transaction } from '../db/transaction.ts';
import type { GivenApproval, PlanStatus } from './request-revision.ts';
import type { RequestState, RequestStatus } from '../policies/request-transitions.ts';

/** A team's request for one piece of infrastructure. */
export class ResourceRequest extends Model {
  static override tableName = 'resource_requests';
  static override jsonAttributes = [
    'parameters',
    'conditions',
    'outputs',
    'credentials',
    'failure',
    'claimed_requester',
  ];

  declare id: string;
  declare organization_id: string;
  declare project_id: string;
  declare class_name: string;
  declare name: string;
  declare parameters: Record<string, unknown>;
  declare reason: string | null;
  declare origin: 'api' | 'cluster';
  declare status: RequestStatus;
  declare revision: number;
  declare pending_revision: number | null;
  declare requested_by: string | null;
  /** Who a resource from the cluster says asked for it; nobody checked. */
  declare claimed_requester: { id: string; name: string } | null;
  declare decided_by: string | null;
  declare decided_at: Date | null;
  declare decision_comment: string | null;
  /** After it, the approval of the revision in force starts nothing new. */
  declare approval_expires_at: Date | null;
  declare resource_namespace: string | null;
  declare resource_name: string | null;
  declare resource_uid: string | null;
  declare conditions: Record<string, unknown>[];
  declare outputs: Record<string, unknown>;
  declare credentials: { secret_name: string; namespace: string; keys: string[] } | null;
  declare failure: { type: string; message: string } | null;
  declare created_at: Date;
  declare updated_at: Date;
}

/** A request with what is shown beside it: who, and the revision that waits or is in force. */
export class ShownRequest extends ResourceRequest {
  declare requester_email: string | null;
  declare decider_email: string | null;
  declare latest_parameters: Record<string, unknown>;
  declare latest_reason: string | null;
  /** Who made the revision that waits, or the one in force. */
  declare latest_author: string | null;
  declare latest_author_email: string | null;
  declare latest_created_at: Date;
  declare latest_approvers: number;
  declare latest_approvals: GivenApproval[];
  declare latest_deletion_policy: 'Delete' | 'Retain' | null;
  /** Null where the class wants no plan. */
  declare latest_plan_status: PlanStatus | null;
  declare latest_plan_run: string | null;
  declare latest_plan_digest: string | null;
  declare latest_plan_inputs_digest: string | null;
  declare latest_plan_changes: { add: number; change: number; destroy: number } | null;
  declare latest_plan_failure: { type: string; message: string } | null;

  /** The requests of an organisation as they are shown. */
  static of(trx: Transaction, organizationId: string): QueryBuilder<ShownRequest, ShownRequest[]> {
    return ShownRequest.#shown(trx).where('resource_requests.organization_id', organizationId);
  }

  static #shown(trx: Transaction): QueryBuilder<ShownRequest, ShownRequest[]> {
    return ShownRequest.query(trx)
      .select('resource_requests.*')
      .select('requester.email as requester_email', 'decider.email as decider_email')
      .select('latest.parameters as latest_parameters', 'latest.reason as latest_reason')
      .select('latest.requested_by as latest_author', 'author.email as latest_author_email')
      .select('latest.created_at as latest_created_at', 'latest.approvers as latest_approvers')
      .select('latest.approvals as latest_approvals')
      .select('latest.deletion_policy as latest_deletion_policy')
      .select('latest.plan_status as latest_plan_status', 'latest.plan_run as latest_plan_run')
      .select('latest.plan_digest as latest_plan_digest')
      .select('latest.plan_inputs_digest as latest_plan_inputs_digest')
      .select('latest.plan_changes as latest_plan_changes')
      .select('latest.plan_failure as latest_plan_failure')
      .join('request_revisions as latest', (join) => {
        void join
          .on('latest.organization_id', 'resource_requests.organization_id')
          .andOn('latest.request_id', 'resource_requests.id')
          .andOn(
            'latest.revision',
            trx.raw('coalesce(pending_revision, resource_requests.revision)'),
          );
      })
      .leftJoin('users as requester', 'requester.id', 'resource_requests.requested_by')
      .leftJoin('users as decider', 'decider.id', 'resource_requests.decided_by')
      .leftJoin('users as author', 'author.id', 'latest.requested_by');
  }

  /** One request, or undefined. */
  static async find(
    trx: Transaction,
    organizationId: string,
    id: string,
  ): Promise<ShownRequest | undefined> {
    return ShownRequest.of(trx, organizationId).findOne('resource_requests.id', id);
  }

  /**
   * One request, locked until the transaction ends, or undefined. Locked first and read then: a
   * lock that had to wait would pair the new row with joined rows of before.
   */
  static async lock(
    trx: Transaction,
    organizationId: string,
    id: string,
  ): Promise<ShownRequest | undefined> {
    const locked = await ResourceRequest.query(trx)
      .select('id')
      .findOne({ id, organization_id: organizationId })
      .forUpdate();
    return locked && ShownRequest.find(trx, organizationId, id);
  }

  /** What the state machine looks at. */
  get state(): RequestState {
    const { status, pending_revision: pendingRevision, latest_plan_status: planStatus } = this;
    return { status, pendingRevision, planStatus };
  }
}
