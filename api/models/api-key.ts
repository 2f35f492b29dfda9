import { Model, type QueryBuilder } from 'objection';
import type { Transaction } from '../db/transaction.ts';
import type { KeyRole } from '../policies/roles.ts';

/** A key for a program; its hash stands in no column list. */
export class ApiKey extends Model {
  static override tableName = 'api_keys';
  static readonly columns = [
    ...['id', 'organization_id', 'name', 'role', 'prefix', 'created_by'],
    ...['created_at', 'expires_at', 'last_used_at', 'revoked_at'],
  ];

  declare id: string;
  declare organization_id: string;
  declare name: string;
  declare role: KeyRole;
  declare prefix: string;
  declare key_hash: string;
  declare created_by: string;
  declare created_at: Date;
  declare expires_at: Date;
  declare last_used_at: Date | null;
  declare revoked_at: Date | null;

  /** The keys of an organisation that were not revoked; expired ones are among them. */
  static live(trx: Transaction, organizationId: string): QueryBuilder<ApiKey, ApiKey[]> {
    return ApiKey.query(trx)
      .select(ApiKey.columns)
      .where({ organization_id: organizationId, revoked_at: null });
  }
}
