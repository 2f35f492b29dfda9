import { createTeam } from '../../commands/change-team.ts';
import { Team } from '../../models/team.ts';
import { authorize } from '../../policies/authorize.ts';
import { canTeam } from '../../policies/team-policy.ts';
import { presentTeam, teamSchema } from '../../presenters/present-team.ts';
import { etagOf } from '../etag.ts';
import { pageOf, readPage } from '../page.ts';
import { memberRoute, type Route } from '../route.ts';
import { deleteTeamRoute, putTeam } from './change-team.ts';
import { listTeamsQuery, oneTeam, teamBody } from './schema.ts';
import { deleteTeamMember, listTeamMembers, postTeamMember } from './team-members.ts';

const TAG = 'Teams';

/** `GET /teams` */
const listTeams = memberRoute({
  method: 'get',
  path: '/teams',
  summary: 'List the teams of the organisation',
  tag: TAG,
  query: listTeamsQuery,
  responses: { 200: pageOf(teamSchema) },
  handle: async ({ actor, trx, input }) => {
    const { organizationId } = actor.membership;
    authorize(canTeam, actor, 'read', { organization_id: organizationId });
    const page = await readPage(Team.of(trx, organizationId), input.query);
    return { status: 200, body: { items: page.items.map(presentTeam), next: page.next } };
  },
});

/** `POST /teams` */
const postTeam = memberRoute({
  method: 'post',
  path: '/teams',
  summary: 'Make a team',
  tag: TAG,
  body: teamBody,
  problems: ['NAME_TAKEN'],
  responses: { 201: teamSchema },
  handle: async ({ actor, trx, input, request }) => {
    const target = { organization_id: actor.membership.organizationId };
    authorize(canTeam, actor, 'create', target);
    const body = presentTeam(await createTeam({ actor, trx, request }, input.body));
    const headers = { Location: `/api/v1/teams/${body.id}`, ETag: etagOf(body) };
    return { status: 201, body, headers };
  },
});

/** `GET /teams/{id}` */
const showTeam = memberRoute({
  method: 'get',
  path: '/teams/{id}',
  summary: 'Show a team',
  tag: TAG,
  params: oneTeam,
  responses: { 200: teamSchema },
  handle: async ({ actor, trx, input }) => {
    const team = await Team.find(trx, actor.membership.organizationId, input.params.id);
    authorize(canTeam, actor, 'read', team);
    const body = presentTeam(team);
    return { status: 200, body, headers: { ETag: etagOf(body) } };
  },
});

/** Teams and their people. */
export const teamRoutes: readonly Route[] = [
  listTeams,
  postTeam,
  showTeam,
  putTeam,
  deleteTeamRoute,
  listTeamMembers,
  postTeamMember,
  deleteTeamMember,
];
