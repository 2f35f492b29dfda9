import { z } from 'zod';
import type { Member } from '../models/member.ts';
import { ROLES } from '../policies/roles.ts';

/** A member as the API shows them to the others. */
export const memberSchema = z
  .object({
    user_id: z.uuid(),
    email: z.string(),
    name: z.string().nullable(),
    role: z.enum(ROLES).meta({ description: 'In the organisation.' }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Member' });

/** The answer for one member. */
export function presentMember(member: Member): z.infer<typeof memberSchema> {
  return {
    user_id: member.user_id,
    email: member.email,
    name: member.name,
    role: member.role,
    created_at: member.created_at.toISOString(),
  };
}
