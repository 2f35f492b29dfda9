import { Model } from 'objection';
import type { Role } from '../policies/roles.ts';

/** A person's role in an organisation. */
export class Membership extends Model {
  static override tableName = 'memberships';
  static override idColumn = ['organization_id', 'user_id'];
  static readonly columns = ['organization_id', 'user_id', 'role', 'created_at', 'updated_at'];

  declare organization_id: string;
  declare user_id: string;
  declare role: Role;
  declare created_at: Date;
  declare updated_at: Date;
}
