import { z } from 'zod';
import type { Actor } from '../../auth/actor.ts';
import type { Transaction } from '../../db/transaction.ts';
import { Member } from '../../models/member.ts';
import { Team } from '../../models/team.ts';
import { authorize } from '../../policies/authorize.ts';
import { canTeam } from '../../policies/team-policy.ts';
import { memberSchema, presentMember } from '../../presenters/present-member.ts';
import { presentTeam, teamSchema } from '../../presenters/present-team.ts';
import { etagOf } from '../etag.ts';
import { pageOf, pageParameters, readPage } from '../page.ts';
import { memberRoute, type Route } from '../route.ts';

const TAG = 'Teams';
const page = z.strictObject({ ...pageParameters });

/** `GET /users/me/team` */
const showMyTeam = memberRoute({
  method: 'get',
  path: '/users/me/team',
  summary: 'Show your team',
  description: 'The one that you have been in for longest; 404 without any.',
  tag: TAG,
  problems: ['NOT_FOUND'],
  responses: { 200: teamSchema },
  handle: async ({ actor, trx }) => {
    const body = presentTeam(await findOwnTeam(trx, actor));
    return { status: 200, body, headers: { ETag: etagOf(body) } };
  },
});

/** `GET /users/me/team/members` */
const listMyTeamMembers = memberRoute({
  method: 'get',
  path: '/users/me/team/members',
  summary: 'List the people of your team',
  tag: TAG,
  query: page,
  problems: ['NOT_FOUND'],
  responses: { 200: pageOf(memberSchema) },
  handle: async ({ actor, trx, input }) => {
    const team = await findOwnTeam(trx, actor);
    const members = Member.ofTeam(trx, team.organization_id, team.id);
    const { items, next } = await readPage(members, input.query, 'memberships.user_id');
    return { status: 200, body: { items: items.map(presentMember), next } };
  },
});

/** `GET /users/me/teams` */
const listMyTeams = memberRoute({
  method: 'get',
  path: '/users/me/teams',
  summary: 'List the teams that you are in',
  tag: TAG,
  query: page,
  responses: { 200: pageOf(teamSchema) },
  handle: async ({ actor, trx, input }) => {
    const { organizationId } = actor.membership;
    authorize(canTeam, actor, 'read', { organization_id: organizationId });
    const teams = Team.ofUser(trx, organizationId, actor.user.id);
    const { items, next } = await readPage(teams, input.query);
    return { status: 200, body: { items: items.map(presentTeam), next } };
  },
});

/** @throws {NotFoundError} for somebody without a team */
async function findOwnTeam(trx: Transaction, actor: Actor): Promise<Team> {
  const { organizationId } = actor.membership;
  const team = await Team.firstOfUser(trx, organizationId, actor.user.id);
  authorize(canTeam, actor, 'read', team);
  return team;
}

/** What people see of themselves in their organisation. */
export const userRoutes: readonly Route[] = [showMyTeam, listMyTeamMembers, listMyTeams];
