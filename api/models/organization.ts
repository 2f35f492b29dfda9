import type { QueryBuilder } from 'objection';
import type { Transaction } from '../db/transaction.ts';
import { TimestampedModel } from './timestamped-model.ts';

/** An organisation: the tenant. */
export class Organization extends TimestampedModel {
  static override tableName = 'organizations';
  static readonly columns = [
    'id',
    'name',
    'slug',
    'allow_self_approval',
    'created_at',
    'updated_at',
  ];

  declare id: string;
  declare name: string;
  declare slug: string;
  declare allow_self_approval: boolean;
  /** Whose sandbox it is; null for ordinary organisations. */
  declare guest_user_id: string | null;
  declare deleted_at: Date | null;

  /** The organisations that the caller can see and that are not deleted. */
  static live(trx: Transaction): QueryBuilder<Organization, Organization[]> {
    return Organization.query(trx).select(Organization.columns).where('deleted_at', null);
  }

  /** One live organisation, or undefined. */
  static async findLive(trx: Transaction, id: string): Promise<Organization | undefined> {
    return Organization.live(trx).findOne({ id });
  }

  /** One live organisation, locked against changes until the transaction ends; or undefined. */
  static async lockLive(trx: Transaction, id: string): Promise<Organization | undefined> {
    return Organization.live(trx).findOne({ id }).forUpdate();
  }
}
