import { z } from 'zod';
import { createWebhook, deleteWebhook, updateWebhook } from '../../commands/change-webhooks.ts';
import { NotFoundError, ValidationFailedError } from '../../errors.ts';
import { Webhook } from '../../models/webhook.ts';
import type { SecretBox } from '../../notifications/secret-box.ts';
import { authorize } from '../../policies/authorize.ts';
import { canWebhook, type WebhookAction } from '../../policies/webhook-policy.ts';
import {
  newWebhookSchema,
  presentWebhook,
  webhookSchema,
} from '../../presenters/present-webhook.ts';
import { pageOf, pageParameters, readPage } from '../page.ts';
import { memberRoute, type MemberCall, type Route } from '../route.ts';
import { webhookDeliveryRoutes } from './deliveries.ts';
import { createWebhookBody, oneWebhook, updateWebhookBody } from './schema.ts';

const TAG = 'Webhooks';

/** What the routes work with. */
export interface WebhookServices {
  box: SecretBox;
  /** Whether plain HTTP may be called: only where an installation has networks of its own. */
  allowsPlainHttp: boolean;
}

function authorizeCall(
  { actor }: Pick<MemberCall<undefined, undefined, undefined>, 'actor'>,
  action: WebhookAction,
): string {
  const { organizationId } = actor.membership;
  authorize(canWebhook, actor, action, { organization_id: organizationId });
  return organizationId;
}

/** @throws {ValidationFailedError} */
function requireEncrypted(url: string | undefined, { allowsPlainHttp }: WebhookServices): void {
  if (url === undefined || allowsPlainHttp || url.toLowerCase().startsWith('https:')) return;
  throw new ValidationFailedError([{ pointer: '/url', message: 'It has to begin with https.' }]);
}

/** `POST /webhooks` */
function postWebhook(services: WebhookServices): Route {
  return memberRoute({
    method: 'post',
    path: '/webhooks',
    summary: 'Have an address told of what happens to requests',
    description:
      'Messages are signed as Standard Webhooks has it, and sent again for three days until they ' +
      'are answered with 2xx. Addresses that are not on the public internet are not called.',
    tag: TAG,
    body: createWebhookBody,
    showsSecret: true,
    responses: { 201: newWebhookSchema },
    handle: async (call) => {
      authorizeCall(call, 'create');
      const { url, events, description = null } = call.input.body;
      requireEncrypted(url, services);
      const props = { url, events, description, is_enabled: true };
      const { row, secret } = await createWebhook(call, props, services.box);
      const headers = { 'Cache-Control': 'no-store', Location: `/api/v1/webhooks/${row.id}` };
      return { status: 201, body: { ...presentWebhook(row), secret }, headers };
    },
  });
}

/** `GET /webhooks` */
const listWebhooks = memberRoute({
  method: 'get',
  path: '/webhooks',
  summary: 'List the webhooks of the organisation',
  tag: TAG,
  query: z.strictObject({ ...pageParameters }),
  responses: { 200: pageOf(webhookSchema) },
  handle: async (call) => {
    const query = Webhook.of(call.trx, authorizeCall(call, 'read'));
    const page = await readPage(query, call.input.query);
    return { status: 200, body: { items: page.items.map(presentWebhook), next: page.next } };
  },
});

/** `GET /webhooks/{id}` */
const showWebhook = memberRoute({
  method: 'get',
  path: '/webhooks/{id}',
  summary: 'Show a webhook',
  tag: TAG,
  params: oneWebhook,
  responses: { 200: webhookSchema },
  handle: async (call) => {
    const query = Webhook.of(call.trx, authorizeCall(call, 'read'));
    const webhook = await query.findOne({ id: call.input.params.id });
    if (!webhook) throw new NotFoundError('There is no such webhook.');
    return { status: 200, body: presentWebhook(webhook) };
  },
});

/** `PATCH /webhooks/{id}` */
function patchWebhook(services: WebhookServices): Route {
  return memberRoute({
    method: 'patch',
    path: '/webhooks/{id}',
    summary: 'Change a webhook',
    tag: TAG,
    params: oneWebhook,
    body: updateWebhookBody,
    responses: { 200: webhookSchema },
    handle: async (call) => {
      authorizeCall(call, 'update');
      const { body, params } = call.input;
      requireEncrypted(body.url, services);
      const given = Object.entries(body).filter(([, value]) => value !== undefined);
      const row = await updateWebhook(call, params.id, Object.fromEntries(given));
      return { status: 200, body: presentWebhook(row) };
    },
  });
}

/** `DELETE /webhooks/{id}` */
const removeWebhook = memberRoute({
  method: 'delete',
  path: '/webhooks/{id}',
  summary: 'Remove a webhook',
  tag: TAG,
  params: oneWebhook,
  responses: { 204: null },
  handle: async (call) => {
    authorizeCall(call, 'delete');
    await deleteWebhook(call, call.input.params.id);
    return { status: 204 };
  },
});

/** The routes of webhooks. */
export function webhookRoutes(services: WebhookServices): readonly Route[] {
  return [
    postWebhook(services),
    listWebhooks,
    showWebhook,
    patchWebhook(services),
    removeWebhook,
    ...webhookDeliveryRoutes,
  ];
}
