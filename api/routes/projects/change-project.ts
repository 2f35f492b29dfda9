import { deleteProject, updateProject } from '../../commands/change-project.ts';
import { Project } from '../../models/project.ts';
import { authorize } from '../../policies/authorize.ts';
import { canProject } from '../../policies/project-policy.ts';
import { presentProject, projectSchema } from '../../presenters/present-project.ts';
import { etagOf, requireFresh } from '../etag.ts';
import { memberRoute } from '../route.ts';
import { oneProject, updateProjectBody } from './schema.ts';

const TAG = 'Projects';

/** `PATCH /orgs/{org_id}/projects/{id}` */
export const patchProject = memberRoute({
  method: 'patch',
  path: '/orgs/{org_id}/projects/{id}',
  organizationParameter: 'org_id',
  summary: 'Change a project',
  tag: TAG,
  params: oneProject,
  body: updateProjectBody,
  ifMatch: 'optional',
  responses: { 200: projectSchema },
  handle: async ({ actor, trx, input, request }) => {
    const { organizationId } = actor.membership;
    const project = await Project.lockLive(trx, organizationId, input.params.id);
    authorize(canProject, actor, 'update', project);
    requireFresh(request.ifMatch, presentProject(project));
    const changed = await updateProject({ actor, trx, request }, project, input.body);
    const body = presentProject(changed);
    return { status: 200, body, headers: { ETag: etagOf(body) } };
  },
});

/** `DELETE /orgs/{org_id}/projects/{id}` */
export const deleteProjectRoute = memberRoute({
  method: 'delete',
  path: '/orgs/{org_id}/projects/{id}',
  organizationParameter: 'org_id',
  summary: 'Delete a project that has no live requests, and its namespace',
  tag: TAG,
  params: oneProject,
  ifMatch: 'optional',
  problems: ['HAS_REQUESTS'],
  responses: { 204: null },
  handle: async ({ actor, trx, input, request }) => {
    const { organizationId } = actor.membership;
    const project = await Project.lockLive(trx, organizationId, input.params.id);
    authorize(canProject, actor, 'delete', project);
    requireFresh(request.ifMatch, presentProject(project));
    await deleteProject({ actor, trx, request }, project);
    return { status: 204 };
  },
});
