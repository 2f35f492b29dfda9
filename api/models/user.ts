import { type QueryBuilder, raw } from 'objection';
import type { Transaction } from '../db/transaction.ts';
import type { Membership } from './membership.ts';
import { TimestampedModel } from './timestamped-model.ts';

/** A person. The password hash stands in no column list: only sign-in asks for it. */
export class User extends TimestampedModel {
  static override tableName = 'users';
  static readonly columns = [
    'id',
    'email',
    'name',
    'is_admin',
    'token_version',
    'created_at',
    'updated_at',
  ];

  declare id: string;
  declare email: string;
  declare name: string | null;
  declare is_admin: boolean;
  declare token_version: number;

  /**
   * Ends the access tokens of users at once: they carry the version that counts up here.
   *
   * @param ids of the users, or a query for them
   */
  static async endTokens(
    trx: Transaction,
    ids: string[] | QueryBuilder<Membership, Membership[]>,
  ): Promise<void> {
    await User.query(trx)
      .whereIn('id', ids)
      .patch({ token_version: raw('token_version + 1') });
  }
}
