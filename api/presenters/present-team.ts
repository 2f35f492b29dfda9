import { z } from 'zod';
import type { Team } from '../models/team.ts';

/** A team as the API shows it. */
export const teamSchema = z
  .object({
    id: z.uuid(),
    organization_id: z.uuid(),
    name: z.string(),
    description: z.string().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Team' });

/** The answer for one team. */
export function presentTeam(team: Team): z.infer<typeof teamSchema> {
  return {
    id: team.id,
    organization_id: team.organization_id,
    name: team.name,
    description: team.description,
    created_at: team.created_at.toISOString(),
    updated_at: team.updated_at.toISOString(),
  };
}
