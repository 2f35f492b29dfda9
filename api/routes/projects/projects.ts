import { authorize } from '../../policies/authorize.ts';
import { canProject } from '../../policies/project-policy.ts';
import { createProject } from '../../commands/create-project.ts';
import { Project } from '../../models/project.ts';
import { presentProject, projectSchema } from '../../presenters/present-project.ts';
import { etagOf } from '../etag.ts';
import { pageOf, readPage } from '../page.ts';
import { memberRoute, type Route } from '../route.ts';
import { deleteProjectRoute, patchProject } from './change-project.ts';
import { deleteProjectMember, listProjectMembers, postProjectMember } from './project-members.ts';
import { createProjectBody, inOrganization, listProjectsQuery, oneProject } from './schema.ts';

const TAG = 'Projects';

/** `GET /orgs/{org_id}/projects` */
export const listProjects = memberRoute({
  method: 'get',
  path: '/orgs/{org_id}/projects',
  organizationParameter: 'org_id',
  summary: 'List the projects of an organisation',
  tag: TAG,
  params: inOrganization,
  query: listProjectsQuery,
  responses: { 200: pageOf(projectSchema) },
  handle: async ({ actor, trx, input }) => {
    const organizationId = actor.membership.organizationId;
    authorize(canProject, actor, 'read', { organization_id: organizationId });
    const page = await readPage(Project.live(trx, organizationId), input.query);
    return { status: 200, body: { items: page.items.map(presentProject), next: page.next } };
  },
});

/** `GET /orgs/{org_id}/projects/{id}` */
export const showProject = memberRoute({
  method: 'get',
  path: '/orgs/{org_id}/projects/{id}',
  organizationParameter: 'org_id',
  summary: 'Show a project',
  tag: TAG,
  params: oneProject,
  responses: { 200: projectSchema },
  handle: async ({ actor, trx, input }) => {
    const organizationId = actor.membership.organizationId;
    const project = await Project.findLive(trx, organizationId, input.params.id);
    authorize(canProject, actor, 'read', project);
    const body = presentProject(project);
    return { status: 200, body, headers: { ETag: etagOf(body) } };
  },
});

/** `POST /orgs/{org_id}/projects` */
export const postProject = memberRoute({
  method: 'post',
  path: '/orgs/{org_id}/projects',
  organizationParameter: 'org_id',
  summary: 'Create a project',
  description: 'The namespace `<organisation slug>-<project slug>` is made for it.',
  tag: TAG,
  params: inOrganization,
  body: createProjectBody,
  problems: ['SLUG_TAKEN'],
  responses: { 201: projectSchema },
  handle: async ({ actor, trx, input, request }) => {
    const target = { organization_id: actor.membership.organizationId };
    authorize(canProject, actor, 'create', target);
    const project = await createProject({ actor, trx, request }, input.body);
    const body = presentProject(project);
    const location = `/api/v1/orgs/${project.organization_id}/projects/${project.id}`;
    return { status: 201, body, headers: { Location: location, ETag: etagOf(body) } };
  },
});

/** Projects and their members. */
export const projectRoutes: readonly Route[] = [
  listProjects,
  postProject,
  showProject,
  patchProject,
  deleteProjectRoute,
  listProjectMembers,
  postProjectMember,
  deleteProjectMember,
];
