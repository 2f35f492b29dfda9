import { z } from 'zod';
import type { Webhook, WebhookDelivery } from '../models/webhook.ts';
import { NOTIFICATION_TYPES } from '../notifications/notification-types.ts';

/** A webhook as the API shows it, without its secret. */
export const webhookSchema = z
  .object({
    id: z.uuid(),
    url: z.string(),
    description: z.string().nullable(),
    events: z.array(z.enum(NOTIFICATION_TYPES)),
    is_enabled: z.boolean(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Webhook' });

/** A webhook right after it was made. */
export const newWebhookSchema = webhookSchema
  .extend({
    secret: z.string().meta({ description: 'What messages are signed with; shown only now.' }),
  })
  .meta({ id: 'NewWebhook' });

/** The answer for one webhook. */
export function presentWebhook(webhook: Webhook): z.infer<typeof webhookSchema> {
  return {
    id: webhook.id,
    url: webhook.url,
    description: webhook.description,
    events: webhook.events,
    is_enabled: webhook.is_enabled,
    created_at: webhook.created_at.toISOString(),
    updated_at: webhook.updated_at.toISOString(),
  };
}

/** A message to a webhook as the API shows it. */
export const webhookDeliverySchema = z
  .object({
    id: z.uuid().meta({ description: 'Also the `webhook-id` of the message.' }),
    type: z.enum(NOTIFICATION_TYPES),
    status: z.enum(['pending', 'delivered', 'failed']),
    attempts: z.number().int(),
    response_status: z.number().int().nullable(),
    last_error: z.string().nullable(),
    next_attempt_at: z.iso.datetime().nullable(),
    created_at: z.iso.datetime(),
    delivered_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'WebhookDelivery' });

/** The answer for one message. */
export function presentWebhookDelivery(
  delivery: WebhookDelivery,
): z.infer<typeof webhookDeliverySchema> {
  const isPending = delivery.status === 'pending';
  return {
    id: delivery.id,
    type: delivery.type,
    status: delivery.status,
    attempts: delivery.attempts,
    response_status: delivery.response_status,
    last_error: delivery.last_error,
    next_attempt_at: isPending ? delivery.available_at.toISOString() : null,
    created_at: delivery.created_at.toISOString(),
    delivered_at: delivery.delivered_at?.toISOString() ?? null,
  };
}
