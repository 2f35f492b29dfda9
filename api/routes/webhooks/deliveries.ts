import { z } from 'zod';
import { resendDelivery } from '../../commands/change-webhooks.ts';
import { NotFoundError } from '../../errors.ts';
import { Webhook, WebhookDelivery } from '../../models/webhook.ts';
import { authorize } from '../../policies/authorize.ts';
import { canWebhook } from '../../policies/webhook-policy.ts';
import { presentWebhookDelivery, webhookDeliverySchema } from '../../presenters/present-webhook.ts';
import { pageOf, pageParameters, readPage } from '../page.ts';
import { memberRoute, type Route } from '../route.ts';
import { oneDelivery, oneWebhook } from './schema.ts';

const TAG = 'Webhooks';

/** `GET /webhooks/{id}/deliveries` */
const listDeliveries = memberRoute({
  method: 'get',
  path: '/webhooks/{id}/deliveries',
  summary: 'What was sent to a webhook, newest first; kept for a month',
  tag: TAG,
  params: oneWebhook,
  query: z.strictObject({ ...pageParameters }),
  responses: { 200: pageOf(webhookDeliverySchema) },
  handle: async ({ actor, trx, input }) => {
    const { organizationId } = actor.membership;
    authorize(canWebhook, actor, 'read', { organization_id: organizationId });
    const webhook = await Webhook.of(trx, organizationId).findOne({ id: input.params.id });
    if (!webhook) throw new NotFoundError('There is no such webhook.');
    const page = await readPage(WebhookDelivery.of(trx, webhook), input.query);
    const items = page.items.map(presentWebhookDelivery);
    return { status: 200, body: { items, next: page.next } };
  },
});

/** `POST /webhooks/{id}/deliveries/{delivery_id}/resend` */
const resend = memberRoute({
  method: 'post',
  path: '/webhooks/{id}/deliveries/{delivery_id}/resend',
  summary: 'Send a message again',
  tag: TAG,
  params: oneDelivery,
  responses: { 202: webhookDeliverySchema },
  handle: async (call) => {
    const { actor, input } = call;
    const { organizationId } = actor.membership;
    authorize(canWebhook, actor, 'update', { organization_id: organizationId });
    const delivery = await resendDelivery(call, input.params.id, input.params.delivery_id);
    return { status: 202, body: presentWebhookDelivery(delivery) };
  },
});

/** The routes of this file. */
export const webhookDeliveryRoutes: readonly Route[] = [listDeliveries, resend];
