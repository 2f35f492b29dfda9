import { Model, type QueryBuilder } from 'objection';
import type { Transaction } from '../db/transaction.ts';
import type { Role } from '../policies/roles.ts';

/** An invitation to an organisation; its hash stands in no column list. */
export class Invitation extends Model {
  static override tableName = 'invitations';
  static readonly columns = [
    ...['id', 'organization_id', 'email', 'role', 'invited_by'],
    ...['created_at', 'expires_at', 'accepted_at', 'revoked_at'],
  ];

  declare id: string;
  declare organization_id: string;
  declare email: string;
  declare role: Role;
  declare token_hash: string | null;
  declare invited_by: string | null;
  declare created_at: Date;
  declare expires_at: Date;
  declare accepted_at: Date | null;
  declare revoked_at: Date | null;

  /** The invitations that still hold. */
  static open(trx: Transaction, now: Date): QueryBuilder<Invitation, Invitation[]> {
    return Invitation.query(trx)
      .select(Invitation.columns)
      .where({ accepted_at: null, revoked_at: null })
      .where('expires_at', '>', now);
  }

  /** The invitations of an organisation that were neither accepted nor revoked. */
  static waiting(trx: Transaction, organizationId: string): QueryBuilder<Invitation, Invitation[]> {
    return Invitation.query(trx)
      .select(Invitation.columns)
      .where({ organization_id: organizationId, accepted_at: null, revoked_at: null });
  }
}
