import { z } from 'zod';
import { NOTIFICATION_TYPES } from '../../notifications/notification-types.ts';

/** Path of one webhook. */
export const oneWebhook = z.strictObject({ id: z.uuid() });
/** Path of one message to a webhook. */
export const oneDelivery = z.strictObject({ id: z.uuid(), delivery_id: z.uuid() });

const url = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .refine((text) => {
    const { username, password, hash } = new URL(text);
    return username === '' && password === '' && hash === '';
  }, 'Neither a password nor a fragment belongs here.');
const events = z
  .array(z.enum(NOTIFICATION_TYPES))
  .min(1)
  .transform((types) => [...new Set(types)]);
const description = z.string().trim().min(1).max(200);

/** A new webhook. */
export const createWebhookBody = z
  .strictObject({
    url,
    events: events.default([...NOTIFICATION_TYPES]),
    description: description.optional(),
  })
  .meta({ id: 'CreateWebhook' });

/** A change of a webhook. */
export const updateWebhookBody = z
  .strictObject({
    url: url.optional(),
    events: events.optional(),
    description: description.nullable().optional(),
    is_enabled: z.boolean().optional(),
  })
  .meta({ id: 'UpdateWebhook' });
