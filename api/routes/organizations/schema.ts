import { z } from 'zod';
import { slugSchema } from '../../policies/slug.ts';
import { pageParameters } from '../page.ts';

const name = z.string().trim().min(1).max(200);

/** Path of one organisation. */
export const oneOrganization = z.strictObject({ id: z.uuid() });

/** A list of organisations. */
export const listOrganizationsQuery = z.strictObject({ ...pageParameters });

/** A new organisation. */
export const createOrganizationBody = z
  .strictObject({ name, slug: slugSchema.optional() })
  .meta({ id: 'CreateOrganization' });

/** A change of an organisation; what is absent stays. */
export const updateOrganizationBody = z
  .strictObject({ name: name.optional(), allow_self_approval: z.boolean().optional() })
  .meta({ id: 'UpdateOrganization' });
