import { z } from 'zod';
import { pageParameters } from '../page.ts';

/** Path of one team. */
export const oneTeam = z.strictObject({ id: z.uuid() });

/** Path of one person in a team. */
export const oneTeamMember = oneTeam.extend({ user_id: z.uuid() });

/** A list of teams. */
export const listTeamsQuery = z.strictObject({ ...pageParameters });

/** A team as it is made or replaced. */
export const teamBody = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    description: z.string().trim().max(2000).nullable().default(null),
  })
  .meta({ id: 'TeamBody', example: { name: 'Payments', description: 'Checkout and invoices' } });

/** A new person in a team. */
export const addTeamMemberBody = z
  .strictObject({ user_id: z.uuid() })
  .meta({ id: 'AddTeamMember' });
