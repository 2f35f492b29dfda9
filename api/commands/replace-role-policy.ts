import { recordAudit } from '../db/audit.ts';
import { ValidationFailedError } from '../errors.ts';
import { RolePolicy } from '../models/role-policy.ts';
import { ROLE_PERMISSIONS, type Permission } from '../policies/permissions.ts';
import { findPolicyFaults } from '../policies/role-policy.ts';
import type { Role } from '../policies/roles.ts';
import type { CommandContext } from './command-context.ts';

/**
 * Says what a role may do in the organisation, from the next call of everybody on.
 *
 * @param present what the organisation said before; its row is locked
 * @throws {ValidationFailedError} for more than the role, or the actor, has by itself
 */
export async function replaceRolePolicy(
  { trx, actor, request }: CommandContext,
  props: { role: Role; permissions: Permission[] },
  present: RolePolicy | undefined,
): Promise<RolePolicy> {
  const { role, permissions } = props;
  refuseFaults({ role, permissions, actor });
  const { organizationId } = actor.membership;
  const written = await RolePolicy.query(trx)
    .insert({
      ...{ organization_id: organizationId, role, permissions },
      ...{ updated_by: actor.user.id, updated_at: new Date() },
    })
    .onConflict(['organization_id', 'role'])
    .merge(['permissions', 'updated_by', 'updated_at'])
    .returning('*');
  await recordAudit(trx, {
    ...{ organizationId, actor: actor.user, request },
    action: 'role_policy.update',
    target: { type: 'role_policy', id: role },
    details: { permissions },
    change: {
      before: present?.permissions ?? [...ROLE_PERMISSIONS[role]],
      after: permissions,
    },
  });
  return written;
}

function refuseFaults(proposal: Parameters<typeof findPolicyFaults>[0]): void {
  const faults = findPolicyFaults(proposal).map(({ index, message }) => ({
    pointer: index === undefined ? '/permissions' : `/permissions/${index}`,
    message,
  }));
  if (faults.length > 0) throw new ValidationFailedError(faults);
}
