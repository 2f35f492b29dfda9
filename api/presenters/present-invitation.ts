import { z } from 'zod';
import type { Invitation } from '../models/invitation.ts';
import { ROLES } from '../policies/roles.ts';

/** An invitation as the API shows it; what accepts it stands in the mail alone. */
export const invitationSchema = z
  .object({
    id: z.uuid(),
    organization_id: z.uuid(),
    email: z.string(),
    role: z.enum(ROLES),
    invited_by: z.uuid().nullable(),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'Invitation' });

/** The answer for one invitation. */
export function presentInvitation(invitation: Invitation): z.infer<typeof invitationSchema> {
  return {
    id: invitation.id,
    organization_id: invitation.organization_id,
    email: invitation.email,
    role: invitation.role,
    invited_by: invitation.invited_by,
    created_at: invitation.created_at.toISOString(),
    expires_at: invitation.expires_at.toISOString(),
  };
}
