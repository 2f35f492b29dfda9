import { z } from 'zod';
import type { Organization } from '../models/organization.ts';

/** An organisation as the API shows it. */
export const organizationSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    slug: z.string(),
    allow_self_approval: z.boolean().meta({
      description: 'Whether people may approve their own requests.',
    }),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Organization' });

/** The answer for one organisation. */
export function presentOrganization(
  organization: Organization,
): z.infer<typeof organizationSchema> {
  return {
    id: organization.id,
    name: organization.name,
    slug: organization.slug,
    allow_self_approval: organization.allow_self_approval,
    created_at: organization.created_at.toISOString(),
    updated_at: organization.updated_at.toISOString(),
  };
}
