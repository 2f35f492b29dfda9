import { Model } from 'objection';

/** A line of the audit log. */
export class AuditRecord extends Model {
  static override tableName = 'audit_log';

  declare id: string;
  declare organization_id: string;
  declare actor_id: string | null;
  declare actor_kind: 'user' | 'system' | 'api_key';
  declare actor_name: string | null;
  declare action: string;
  declare target_type: string;
  declare target_id: string;
  declare outcome: 'success' | 'denied';
  declare details: Record<string, unknown>;
  declare request_id: string | null;
  declare address: string | null;
  declare before_digest: string | null;
  declare after_digest: string | null;
  declare created_at: Date;
}
