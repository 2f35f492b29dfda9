import type { Dependencies } from '../../deps.ts';
import { addMember } from '../../commands/change-member.ts';
import { findUserToAdd } from '../../commands/find-user.ts';
import { Member } from '../../models/member.ts';
import { authorize } from '../../policies/authorize.ts';
import { canMember } from '../../policies/member-policy.ts';
import { memberSchema, presentMember } from '../../presenters/present-member.ts';
import { pageOf, readPage } from '../page.ts';
import { memberRoute, type Route } from '../route.ts';
import { deleteMember, patchMember } from './change-member.ts';
import { addMemberBody, inOrganization, listMembersQuery } from './schema.ts';

const TAG = 'Members';

/** The members of an organisation and their roles. */
export function memberRoutes(deps: Dependencies): readonly Route[] {
  return [listMembers, postMember(deps), patchMember, deleteMember];
}

const listMembers = memberRoute({
  method: 'get',
  path: '/orgs/{id}/members',
  organizationParameter: 'id',
  summary: 'List the members of an organisation',
  tag: TAG,
  params: inOrganization,
  query: listMembersQuery,
  responses: { 200: pageOf(memberSchema) },
  handle: async ({ actor, trx, input }) => {
    const { organizationId } = actor.membership;
    authorize(canMember, actor, 'read', { organization_id: organizationId });
    const members = Member.of(trx, organizationId);
    const page = await readPage(members, input.query, 'memberships.user_id');
    return { status: 200, body: { items: page.items.map(presentMember), next: page.next } };
  },
});

function postMember(deps: Dependencies): Route {
  return memberRoute({
    method: 'post',
    path: '/orgs/{id}/members',
    organizationParameter: 'id',
    summary: 'Add somebody who has an account to an organisation',
    tag: TAG,
    params: inOrganization,
    body: addMemberBody,
    problems: ['ALREADY_MEMBER'],
    responses: { 201: memberSchema },
    handle: async ({ actor, trx, input, request }) => {
      const { organizationId } = actor.membership;
      authorize(canMember, actor, 'create', { organization_id: organizationId });
      const { role, ...reference } = input.body;
      const user = await findUserToAdd(deps.database, reference);
      await addMember({ actor, trx, request }, user.id, role);
      const member = await Member.of(trx, organizationId)
        .findOne('memberships.user_id', user.id)
        .throwIfNotFound();
      return { status: 201, body: presentMember(member) };
    },
  });
}
