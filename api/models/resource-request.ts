import { Model } from 'objection';
import type { RequestStatus } from '../policies/request-transitions.ts';

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
