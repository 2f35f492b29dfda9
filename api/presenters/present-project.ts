import { z } from 'zod';
import type { Project } from '../models/project.ts';

/** A project as the API shows it. */
export const projectSchema = z
  .object({
    id: z.uuid(),
    organization_id: z.uuid(),
    name: z.string(),
    slug: z.string(),
    namespace: z.string().meta({ description: 'The Kubernetes namespace of the project.' }),
    team_id: z
      .uuid()
      .nullable()
      .meta({ description: 'The team whose people are members of the project.' }),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Project' });

/** The answer for one project. */
export function presentProject(project: Project): z.infer<typeof projectSchema> {
  return {
    id: project.id,
    organization_id: project.organization_id,
    name: project.name,
    slug: project.slug,
    namespace: project.namespace,
    team_id: project.team_id,
    created_at: project.created_at.toISOString(),
    updated_at: project.updated_at.toISOString(),
  };
}
