import { z } from 'zod';
import { slugSchema } from '../../policies/slug.ts';
import { pageParameters } from '../page.ts';

/** Path of an organisation's projects. */
export const inOrganization = z.strictObject({ org_id: z.uuid() });

/** Path of one project. */
export const oneProject = z.strictObject({ org_id: z.uuid(), id: z.uuid() });

/** Path of one member of a project. */
export const oneProjectMember = oneProject.extend({ user_id: z.uuid() });

/** A list of projects. */
export const listProjectsQuery = z.strictObject({ ...pageParameters });

/** A new project. */
export const createProjectBody = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    slug: slugSchema.optional(),
    team_id: z.uuid().nullable().optional(),
  })
  .meta({ id: 'CreateProject' });

/** A change of a project; what is absent stays. */
export const updateProjectBody = z
  .strictObject({
    name: z.string().trim().min(1).max(200).optional(),
    team_id: z.uuid().nullable().optional(),
  })
  .meta({ id: 'UpdateProject' });
