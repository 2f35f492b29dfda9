import { z } from 'zod';
import type { Actor } from '../auth/actor.ts';
import {
  ROLE_PERMISSIONS,
  RESOURCE_ACTIONS,
  grants,
  mayAct,
  permissionsOf,
  type Permission,
  type PermissionResource,
} from './permissions.ts';
import type { Role } from './roles.ts';

const RESOURCES = Object.keys(RESOURCE_ACTIONS) as PermissionResource[];

/** A permission as an organisation writes it; `*` stands for all. */
export const permissionSchema = z
  .strictObject({
    action: z.string().min(1).max(63),
    resource: z.enum([...RESOURCES, '*']),
  })
  .meta({ id: 'Permission' });

/** What a policy of an organisation consists of. */
export const permissionsSchema = z.array(permissionSchema).max(100);

/** What can be done to the policies of an organisation. */
export type RolePolicyAction = 'read' | 'update';

/** Admins see and change what the roles of their organisation may do; keys never change it. */
export function canRolePolicy(
  actor: Actor,
  action: RolePolicyAction,
  target: { organization_id: string } | null | undefined,
): boolean {
  if (target?.organization_id !== actor.membership.organizationId) return false;
  return mayAct(actor, action, 'role_policies');
}

/** What is wrong with a policy. */
export interface PolicyFault {
  /** Which of its permissions; undefined: the policy as a whole. */
  index: number | undefined;
  message: string;
}

/** A policy that somebody wants to write. */
export interface RolePolicyProposal {
  role: Role;
  permissions: readonly Permission[];
  actor: Actor;
}

/**
 * What is wrong with a policy for a role: it names what does not exist, or more than the role has
 * by itself, or more than who writes it has. Nobody can take from the admins what it takes to
 * write policies, for then nobody could give it back.
 */
export function findPolicyFaults({ role, permissions, actor }: RolePolicyProposal): PolicyFault[] {
  const faults = permissions.flatMap((permission, index) => {
    const message = faultOf(permission, role, actor);
    return message === undefined ? [] : [{ index, message }];
  });
  const keepsPolicies = (['read', 'update'] as const).every((action) =>
    grants(permissions, action, 'role_policies'),
  );
  if (role !== 'admin' || keepsPolicies) return faults;
  const message = 'Admins keep read and update of role_policies: nobody could give it back.';
  return [...faults, { index: undefined, message }];
}

function faultOf(permission: Permission, role: Role, actor: Actor): string | undefined {
  const pairs = expand(permission);
  if (pairs.length === 0) return 'There is no such action on this resource.';
  // A wildcard is judged by everything that it stands for.
  const beyondRole = pairs.find((pair) => !grants(ROLE_PERMISSIONS[role], ...pair));
  if (beyondRole) return `The role ${role} does not have ${describe(beyondRole)} by itself.`;
  const own = permissionsOf(actor.membership);
  const beyondActor = pairs.find((pair) => !grants(own, ...pair));
  return beyondActor && `You do not have ${describe(beyondActor)} yourself.`;
}

type Pair = readonly [action: string, resource: PermissionResource];

/** Everything that a permission stands for, as far as it exists. */
function expand({ action, resource }: Permission): Pair[] {
  const resources = resource === '*' ? RESOURCES : [resource];
  return resources.flatMap((name) =>
    RESOURCE_ACTIONS[name]
      .filter((known) => action === '*' || action === known)
      .map((known) => [known, name] as const),
  );
}

function describe([action, resource]: Pair): string {
  return `${action} of ${resource}`;
}
