import type { Actor } from '../auth/actor.ts';
import type { Role } from './roles.ts';

/** The things that a role's permissions are about. */
export type PermissionResource =
  | 'organizations'
  | 'members'
  | 'projects'
  | 'resource_classes'
  | 'resource_requests'
  | 'credentials'
  | 'audit_logs'
  | 'api_keys';

/** What a role may do to which things; `*` stands for all. */
export interface Permission {
  action: string;
  resource: PermissionResource | '*';
}

/** What every member may read. */
const READABLE: readonly PermissionResource[] = [
  'organizations',
  'members',
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

/** Whether a role may do something to a kind of thing; no for whatever is not listed. */
export function isPermitted(role: Role, action: string, resource: PermissionResource): boolean {
  return ROLE_PERMISSIONS[role].some(
    (permission) =>
      (permission.action === '*' || permission.action === action) &&
      (permission.resource === '*' || permission.resource === resource),
  );
}

/** What only people do: decide, and hand out or take away access. Reading is not among it. */
const FOR_PEOPLE: readonly Permission[] = [
  ...onRequests('approve', 'reject'),
  ...['organizations', 'members', 'api_keys'].flatMap((resource) =>
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
  return isPermitted(actor.membership.role, action, resource);
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
