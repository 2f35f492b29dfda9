import type { Transaction } from '../db/transaction.ts';
import type { Role } from '../policies/roles.ts';
import { TimestampedModel } from './timestamped-model.ts';

/** A person's role in an organisation. */
export class Membership extends TimestampedModel {
  static override tableName = 'memberships';
  static override idColumn = ['organization_id', 'user_id'];
  static readonly columns = [
    'organization_id',
    'user_id',
    'role',
    'from_issuer',
    'created_at',
    'updated_at',
  ];

  declare organization_id: string;
  declare user_id: string;
  declare role: Role;
  /** The issuer's groups gave it, so they also change and end it. */
  declare from_issuer: boolean;

  /** One membership, locked until the transaction ends; or undefined. */
  static async lock(
    trx: Transaction,
    organizationId: string,
    userId: string,
  ): Promise<Membership | undefined> {
    return Membership.query(trx)
      .select(Membership.columns)
      .findOne({ organization_id: organizationId, user_id: userId })
      .forUpdate();
  }
}
