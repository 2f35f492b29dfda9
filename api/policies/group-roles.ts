import { ROLES, type Role } from './roles.ts';

/** That a group of an issuer gives a role in an organisation. */
export interface GroupRoleRule {
  group: string;
  /** Slug. */
  organization: string;
  role: Role;
}

/**
 * What somebody is to be in each organisation that the rules speak of: the strongest role that one
 * of their groups gives, or null.
 */
export function rolesOfGroups(
  rules: readonly GroupRoleRule[],
  groups: readonly string[],
): Map<string, Role | null> {
  const roles = new Map<string, Role | null>();
  for (const { group, organization, role } of rules) {
    const before = roles.get(organization) ?? null;
    roles.set(organization, groups.includes(group) ? stronger(before, role) : before);
  }
  return roles;
}

/** Roles are listed from the strongest to the weakest. */
function stronger(a: Role | null, b: Role): Role {
  return a !== null && ROLES.indexOf(a) <= ROLES.indexOf(b) ? a : b;
}
