import { deleteTeam, replaceTeam } from '../../commands/change-team.ts';
import { Team } from '../../models/team.ts';
import { authorize } from '../../policies/authorize.ts';
import { canTeam } from '../../policies/team-policy.ts';
import { presentTeam, teamSchema } from '../../presenters/present-team.ts';
import { etagOf, requireFresh } from '../etag.ts';
import { memberRoute } from '../route.ts';
import { oneTeam, teamBody } from './schema.ts';

const TAG = 'Teams';

/** `PUT /teams/{id}` */
export const putTeam = memberRoute({
  method: 'put',
  path: '/teams/{id}',
  summary: 'Replace what a team is called, and what for',
  tag: TAG,
  params: oneTeam,
  body: teamBody,
  ifMatch: 'optional',
  problems: ['NAME_TAKEN'],
  responses: { 200: teamSchema },
  handle: async ({ actor, trx, input, request }) => {
    const team = await Team.lock(trx, actor.membership.organizationId, input.params.id);
    authorize(canTeam, actor, 'update', team);
    requireFresh(request.ifMatch, presentTeam(team));
    const body = presentTeam(await replaceTeam({ actor, trx, request }, team, input.body));
    return { status: 200, body, headers: { ETag: etagOf(body) } };
  },
});

/** `DELETE /teams/{id}` */
export const deleteTeamRoute = memberRoute({
  method: 'delete',
  path: '/teams/{id}',
  summary: 'Delete a team that no project belongs to',
  tag: TAG,
  params: oneTeam,
  ifMatch: 'optional',
  problems: ['HAS_PROJECTS'],
  responses: { 204: null },
  handle: async ({ actor, trx, input, request }) => {
    const team = await Team.lock(trx, actor.membership.organizationId, input.params.id);
    authorize(canTeam, actor, 'delete', team);
    requireFresh(request.ifMatch, presentTeam(team));
    await deleteTeam({ actor, trx, request }, team);
    return { status: 204 };
  },
});
