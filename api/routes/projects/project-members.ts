import { addProjectMember, removeProjectMember } from '../../commands/change-project-members.ts';
import { Member } from '../../models/member.ts';
import { Project } from '../../models/project.ts';
import { authorize } from '../../policies/authorize.ts';
import { canProject } from '../../policies/project-policy.ts';
import { memberSchema, presentMember } from '../../presenters/present-member.ts';
import { addProjectMemberBody, listMembersQuery } from '../members/schema.ts';
import { pageOf, readPage } from '../page.ts';
import { memberRoute } from '../route.ts';
import { oneProject, oneProjectMember } from './schema.ts';

const TAG = 'Projects';

/** `GET /orgs/{org_id}/projects/{id}/members` */
export const listProjectMembers = memberRoute({
  method: 'get',
  path: '/orgs/{org_id}/projects/{id}/members',
  organizationParameter: 'org_id',
  summary: 'List the members of a project',
  tag: TAG,
  params: oneProject,
  query: listMembersQuery,
  responses: { 200: pageOf(memberSchema) },
  handle: async ({ actor, trx, input }) => {
    const { organizationId } = actor.membership;
    const project = await Project.findLive(trx, organizationId, input.params.id);
    authorize(canProject, actor, 'read', project);
    const members = Member.ofProject(trx, organizationId, project.id);
    const page = await readPage(members, input.query, 'memberships.user_id');
    return { status: 200, body: { items: page.items.map(presentMember), next: page.next } };
  },
});

/** `POST /orgs/{org_id}/projects/{id}/members` */
export const postProjectMember = memberRoute({
  method: 'post',
  path: '/orgs/{org_id}/projects/{id}/members',
  organizationParameter: 'org_id',
  summary: 'Add a member of the organisation to a project',
  tag: TAG,
  params: oneProject,
  body: addProjectMemberBody,
  problems: ['ALREADY_MEMBER'],
  responses: { 201: memberSchema },
  handle: async ({ actor, trx, input, request }) => {
    const { organizationId } = actor.membership;
    const project = await Project.findLive(trx, organizationId, input.params.id);
    authorize(canProject, actor, 'manage_members', project);
    const member = await addProjectMember({ actor, trx, request }, project, input.body);
    return { status: 201, body: presentMember(member) };
  },
});

/** `DELETE /orgs/{org_id}/projects/{id}/members/{user_id}` */
export const deleteProjectMember = memberRoute({
  method: 'delete',
  path: '/orgs/{org_id}/projects/{id}/members/{user_id}',
  organizationParameter: 'org_id',
  summary: 'Take somebody out of a project',
  tag: TAG,
  params: oneProjectMember,
  responses: { 204: null },
  handle: async ({ actor, trx, input, request }) => {
    const { organizationId } = actor.membership;
    const project = await Project.findLive(trx, organizationId, input.params.id);
    authorize(canProject, actor, 'manage_members', project);
    await removeProjectMember({ actor, trx, request }, project, input.params.user_id);
    return { status: 204 };
  },
});
