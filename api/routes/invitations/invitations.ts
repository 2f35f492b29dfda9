import { z } from 'zod';
import type { Dependencies } from '../../deps.ts';
import { acceptInvitation } from '../../commands/accept-invitation.ts';
import { inviteMember, revokeInvitation } from '../../commands/invite-member.ts';
import { ForbiddenError, MailNotConfiguredError } from '../../errors.ts';
import { Invitation } from '../../models/invitation.ts';
import { authorize } from '../../policies/authorize.ts';
import { canMember } from '../../policies/member-policy.ts';
import { ROLES } from '../../policies/roles.ts';
import { invitationSchema, presentInvitation } from '../../presenters/present-invitation.ts';
import { emailSchema } from '../auth/schema.ts';
import { pageOf, pageParameters, readPage } from '../page.ts';
import { memberRoute, userRoute, type Route } from '../route.ts';

const TAG = 'Invitations';

const inviteBody = z
  .strictObject({ email: emailSchema, role: z.enum(ROLES) })
  .meta({ id: 'Invite' });
const acceptBody = z
  .strictObject({ token: z.string().min(1).max(200) })
  .meta({ id: 'AcceptInvitation' });
const acceptedSchema = z
  .object({ organization_id: z.uuid(), role: z.enum(ROLES) })
  .meta({ id: 'AcceptedInvitation' });
const ofOrganization = z.strictObject({ id: z.uuid() });

/** Asking people by mail to join an organisation. */
export function invitationRoutes(deps: Dependencies): readonly Route[] {
  return [postInvitation(deps), listInvitations, deleteInvitation, postAcceptance(deps)];
}

function postInvitation(deps: Dependencies): Route {
  return memberRoute({
    method: 'post',
    path: '/orgs/{id}/invitations',
    organizationParameter: 'id',
    summary: 'Invite somebody by mail',
    description:
      'The link holds for a week and works once. An earlier invitation of the address ends. ' +
      'Without a mail server: 503 MAIL_NOT_CONFIGURED.',
    tag: TAG,
    params: ofOrganization,
    body: inviteBody,
    problems: ['ALREADY_MEMBER', 'MAIL_NOT_CONFIGURED'],
    responses: { 201: invitationSchema },
    handle: async ({ actor, trx, input, request }) => {
      const target = { organization_id: actor.membership.organizationId };
      authorize(canMember, actor, 'create', target);
      if (!deps.mailer) throw new MailNotConfiguredError();
      const invitation = await inviteMember({ actor, trx, request }, input.body);
      return { status: 201, body: presentInvitation(invitation) };
    },
  });
}

const listInvitations = memberRoute({
  method: 'get',
  path: '/orgs/{id}/invitations',
  organizationParameter: 'id',
  summary: 'List the invitations that nobody accepted yet',
  tag: TAG,
  params: ofOrganization,
  query: z.strictObject({ ...pageParameters }),
  responses: { 200: pageOf(invitationSchema) },
  handle: async ({ actor, trx, input }) => {
    const { organizationId } = actor.membership;
    // Who may invite may see who is invited.
    authorize(canMember, actor, 'create', { organization_id: organizationId });
    const page = await readPage(Invitation.waiting(trx, organizationId), input.query);
    return { status: 200, body: { items: page.items.map(presentInvitation), next: page.next } };
  },
});

const deleteInvitation = memberRoute({
  method: 'delete',
  path: '/orgs/{id}/invitations/{invitation_id}',
  organizationParameter: 'id',
  summary: 'Take an invitation back',
  tag: TAG,
  params: z.strictObject({ id: z.uuid(), invitation_id: z.uuid() }),
  responses: { 204: null },
  handle: async ({ actor, trx, input, request }) => {
    const target = { organization_id: actor.membership.organizationId };
    authorize(canMember, actor, 'delete', target);
    await revokeInvitation({ actor, trx, request }, input.params.invitation_id);
    return { status: 204 };
  },
});

function postAcceptance(deps: Dependencies): Route {
  return userRoute({
    method: 'post',
    path: '/invitations/accept',
    summary: 'Accept an invitation to your address',
    description: 'Who has no account sends the token with POST /auth/register instead.',
    tag: TAG,
    body: acceptBody,
    problems: ['INVITATION_INVALID', 'ALREADY_MEMBER'],
    responses: { 200: acceptedSchema },
    handle: async ({ actor, input, request }) => {
      if (actor.user.apiKey) throw new ForbiddenError('A key cannot join an organisation.');
      const acceptance = { token: input.body.token, user: actor.user, now: deps.clock.now() };
      const membership = await deps.database.withSystem('accept an invitation', (trx) =>
        acceptInvitation(trx, { ...acceptance, request }),
      );
      const { organization_id, role } = membership;
      return { status: 200, body: { organization_id, role } };
    },
  });
}
