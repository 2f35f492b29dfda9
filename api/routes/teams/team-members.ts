import { addTeamMember, removeTeamMember } from '../../commands/change-team-members.ts';
import { Member } from '../../models/member.ts';
import { Team } from '../../models/team.ts';
import { authorize } from '../../policies/authorize.ts';
import { canTeam } from '../../policies/team-policy.ts';
import { memberSchema, presentMember } from '../../presenters/present-member.ts';
import { pageOf, readPage } from '../page.ts';
import { memberRoute } from '../route.ts';
import { addTeamMemberBody, listTeamsQuery, oneTeam, oneTeamMember } from './schema.ts';

const TAG = 'Teams';

/** `GET /teams/{id}/members` */
export const listTeamMembers = memberRoute({
  method: 'get',
  path: '/teams/{id}/members',
  summary: 'List the people of a team',
  tag: TAG,
  params: oneTeam,
  query: listTeamsQuery,
  responses: { 200: pageOf(memberSchema) },
  handle: async ({ actor, trx, input }) => {
    const { organizationId } = actor.membership;
    const team = await Team.find(trx, organizationId, input.params.id);
    authorize(canTeam, actor, 'read', team);
    const members = Member.ofTeam(trx, organizationId, team.id);
    const page = await readPage(members, input.query, 'memberships.user_id');
    return { status: 200, body: { items: page.items.map(presentMember), next: page.next } };
  },
});

/** `POST /teams/{id}/members` */
export const postTeamMember = memberRoute({
  method: 'post',
  path: '/teams/{id}/members',
  summary: 'Put a member of the organisation into a team',
  description: 'The people of a team are members of the projects that belong to it.',
  tag: TAG,
  params: oneTeam,
  body: addTeamMemberBody,
  problems: ['ALREADY_MEMBER'],
  responses: { 201: memberSchema },
  handle: async ({ actor, trx, input, request }) => {
    const team = await Team.find(trx, actor.membership.organizationId, input.params.id);
    authorize(canTeam, actor, 'update', team);
    const member = await addTeamMember({ actor, trx, request }, team, input.body.user_id);
    return { status: 201, body: presentMember(member) };
  },
});

/** `DELETE /teams/{id}/members/{user_id}` */
export const deleteTeamMember = memberRoute({
  method: 'delete',
  path: '/teams/{id}/members/{user_id}',
  summary: 'Take somebody out of a team',
  tag: TAG,
  params: oneTeamMember,
  responses: { 204: null },
  handle: async ({ actor, trx, input, request }) => {
    const team = await Team.find(trx, actor.membership.organizationId, input.params.id);
    authorize(canTeam, actor, 'update', team);
    await removeTeamMember({ actor, trx, request }, team, input.params.user_id);
    return { status: 204 };
  },
});
