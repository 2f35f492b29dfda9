import { z } from 'zod';
import type { User } from '../models/user.ts';

/** A person as the API shows them to themselves. */
export const userSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    name: z.string().nullable(),
    is_admin: z.boolean(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'User' });

/** The answer for a person. */
export function presentUser(user: User): z.infer<typeof userSchema> {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    is_admin: user.is_admin,
    created_at: user.created_at.toISOString(),
  };
}
