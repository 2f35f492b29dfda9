import { grants, isPermitted, type Permission } from './permissions.ts';
import type { Role } from './roles.ts';

/** A role, with what an organisation says of it; null where it says nothing. */
export interface RoleInOrganization {
  role: Role;
  permissions: readonly Permission[] | null;
}

/** Whether people of a role decide about requests in their organisation: approve, or only reject. */
export function mayDecide({ role, permissions }: RoleInOrganization): boolean {
  return ['approve', 'reject'].some(
    (action) =>
      isPermitted(role, action, 'resource_requests') &&
      (permissions === null || grants(permissions, action, 'resource_requests')),
  );
}
