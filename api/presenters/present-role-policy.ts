import { z } from 'zod';
import type { RolePolicy } from '../models/role-policy.ts';
import { ROLE_PERMISSIONS } from '../policies/permissions.ts';
import { permissionSchema } from '../policies/role-policy.ts';
import { ROLES, type Role } from '../policies/roles.ts';

/** What a role may do, as the API shows it. */
export const rolePolicySchema = z
  .object({
    role: z.enum(ROLES),
    permissions: z.array(permissionSchema),
    is_default: z.boolean().meta({ description: 'Whether the organisation left it as it is.' }),
    updated_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'RolePolicy' });

/** The answer for one role; without a policy of the organisation, what the role is by itself. */
export function presentRolePolicy(
  role: Role,
  policy: RolePolicy | undefined,
): z.infer<typeof rolePolicySchema> {
  return {
    role,
    permissions: [...(policy?.permissions ?? ROLE_PERMISSIONS[role])],
    is_default: policy === undefined,
    updated_at: policy?.updated_at.toISOString() ?? null,
  };
}
