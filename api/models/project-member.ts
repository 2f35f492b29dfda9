import { Model } from 'objection';
import type { Transaction } from '../db/transaction.ts';

/** A person who may make requests in a project. */
export class ProjectMember extends Model {
  static override tableName = 'project_members';
  static override idColumn = ['organization_id', 'project_id', 'user_id'];
  static readonly columns = ['organization_id', 'project_id', 'user_id', 'created_at'];

  declare organization_id: string;
  declare project_id: string;
  declare user_id: string;
  declare created_at: Date;

  /** Whether a user is a member of a project. */
  static async isMember(
    trx: Transaction,
    key: { organization_id: string; project_id: string; user_id: string },
  ): Promise<boolean> {
    return (await ProjectMember.query(trx).select('user_id').findOne(key)) !== undefined;
  }
}
