import { changeRole, removeMember } from '../../commands/change-member.ts';
import { Member } from '../../models/member.ts';
import { Membership } from '../../models/membership.ts';
import { authorize } from '../../policies/authorize.ts';
import { canMember } from '../../policies/member-policy.ts';
import { memberSchema, presentMember } from '../../presenters/present-member.ts';
import { memberRoute } from '../route.ts';
import { changeMemberBody, oneMember } from './schema.ts';

const TAG = 'Members';

/** `PATCH /orgs/{id}/members/{user_id}` */
export const patchMember = memberRoute({
  method: 'patch',
  path: '/orgs/{id}/members/{user_id}',
  organizationParameter: 'id',
  summary: 'Give a member another role',
  description: 'Their access tokens end at once.',
  tag: TAG,
  params: oneMember,
  body: changeMemberBody,
  problems: ['LAST_ADMIN'],
  responses: { 200: memberSchema },
  handle: async ({ actor, trx, input, request }) => {
    const { organizationId } = actor.membership;
    const membership = await Membership.lock(trx, organizationId, input.params.user_id);
    authorize(canMember, actor, 'update', membership);
    await changeRole({ actor, trx, request }, membership, input.body.role);
    const member = await Member.of(trx, organizationId)
      .findOne('memberships.user_id', membership.user_id)
      .throwIfNotFound();
    return { status: 200, body: presentMember(member) };
  },
});

/** `DELETE /orgs/{id}/members/{user_id}` */
export const deleteMember = memberRoute({
  method: 'delete',
  path: '/orgs/{id}/members/{user_id}',
  organizationParameter: 'id',
  summary: 'Remove a member from an organisation',
  description: 'Their access tokens end at once.',
  tag: TAG,
  params: oneMember,
  problems: ['LAST_ADMIN'],
  responses: { 204: null },
  handle: async ({ actor, trx, input, request }) => {
    const { organizationId } = actor.membership;
    const membership = await Membership.lock(trx, organizationId, input.params.user_id);
    authorize(canMember, actor, 'delete', membership);
    await removeMember({ actor, trx, request }, membership);
    return { status: 204 };
  },
});
