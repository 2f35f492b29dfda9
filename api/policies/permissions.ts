import type { Actor, Membership } from '../auth/actor.ts';
import type { Role } from './roles.ts';

/** What can be done to which things; also what a policy of an organisation can name. */
export const RESOURCE_ACTIONS = {
  organizations: ['read', 'update', 'delete'],
  members: ['read', 'create', 'update', 'delete'],
  teams: ['read', 'create', 'update', 'delete'],
  projects: ['read', 'create', 'update', 'delete', 'manage_members'],
  resource_classes: ['read'],
  resource_requests: [
    ...['read', 'create', 'update', 'delete', 'cancel', 'retry'],
    ...['approve', 'reject'],
  ],
  credentials: ['read'],
  audit_logs: ['read'],
  api_keys: ['read', 'create', 'delete'],
  webhooks: ['read', 'create', 'update', 'delete'],
  role_policies: ['read', 'update'],
  quotas: ['read', 'update'],
  usage: ['read'],
} as const satisfies Record<string, readonly string[]>;

/** The things that a role's permissions are about. */
export type PermissionResource = keyof typeof RESOURCE_ACTIONS;

/** What a role may do to which things; `*` stands for all. */
export interface Permission {
  action: string;
  resource: PermissionResource | '*';
}

/** What every member may read. */
const READABLE: readonly PermissionResource[] = [
  'organizations',
  'members',
  'teams',
  'projects',
  'resource_classes',
  'resource_requests',
];

/** The permissions of each role. Credentials and the audit log are never part of "read all". */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  admin: [{ action: '*', resource: '*' }],
  approver: [...readAll(), ...onRequests('approve', 'reject')],
  developer: [
    ...readAll(),
    ...onRequests('create', 'update', 'delete', 'cancel', 'retry'),
    { action: 'read', resource: 'credentials' },
  ],
  read_only: readAll(),
};

/** Whether one of some permissions says that something may be done to a kind of thing. */
export function grants(
  permissions: readonly Permission[],
  action: string,
  resource: PermissionResource,
): boolean {
  return permissions.some(
    (permission) =>
      (permission.action === '*' || permission.action === action) &&
      (permission.resource === '*' || permission.resource === resource),
  );
}

/** Whether a role may do something to a kind of thing; no for whatever is not listed. */
export function isPermitted(role: Role, action: string, resource: PermissionResource): boolean {
  return grants(ROLE_PERMISSIONS[role], action, resource);
}

/** What a member's role may do in their organisation, by its own policy where it has one. */
export function permissionsOf({ role, permissions }: Membership): readonly Permission[] {
  return permissions ?? ROLE_PERMISSIONS[role];
}

/** What guests do not do: nobody is to depend on what is gone in an hour. */
const NOT_FOR_GUESTS: readonly PermissionResource[] = [
  'organizations',
  'members',
  'teams',
  'api_keys',
  'webhooks',
  'role_policies',
  'quotas',
];

/** What only people do: decide, and hand out or take away access. Reading is not among it. */
const FOR_PEOPLE: readonly Permission[] = [
  ...onRequests('approve', 'reject'),
  ...['organizations', 'members', 'teams', 'api_keys', 'role_policies'].flatMap((resource) =>
    ['create', 'update', 'delete'].map((action) => ({
      action,
      resource: resource as PermissionResource,
    })),
  ),
];

/** Whether an actor may do something to a kind of thing in their organisation. */
export function mayAct(actor: Actor, action: string, resource: PermissionResource): boolean {
  const isKey = actor.user.apiKey !== undefined;
  const isForPeople = FOR_PEOPLE.some(
    (permission) => permission.action === action && permission.resource === resource,
  );
  if (isKey && isForPeople) return false;
  if (actor.user.isGuest && action !== 'read' && NOT_FOR_GUESTS.includes(resource)) return false;
  const { membership } = actor;
  // A policy that was written for a role that could do more gives no more than the role does now.
  return (
    isPermitted(membership.role, action, resource) &&
    grants(permissionsOf(membership), action, resource)
  );
}

function readAll(): Permission[] {
  return READABLE.map((resource) => ({
    action: 'read',
    resource,
  }));
}

function onRequests(...actions: string[]): Permission[] {
  return actions.map((action) => ({ action, resource: 'resource_requests' }));
}
