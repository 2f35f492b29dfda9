import { TimestampedModel } from './timestamped-model.ts';
import type { Permission } from '../policies/permissions.ts';
import type { Role } from '../policies/roles.ts';

/** What an organisation lets one of its roles do. */
export class RolePolicy extends TimestampedModel {
  static override tableName = 'role_policies';
  static override idColumn = ['organization_id', 'role'];
  static override jsonAttributes = ['permissions'];

  declare organization_id: string;
  declare role: Role;
  declare permissions: Permission[];
  declare updated_by: string | null;
}
