import { v7 as uuid } from 'uuid';
import { recordAudit } from '../db/audit.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import { Webhook, WebhookDelivery } from '../models/webhook.ts';
import type { NotificationType } from '../notifications/notification-types.ts';
import type { SecretBox } from '../notifications/secret-box.ts';
import { newWebhookSecret } from '../notifications/webhook-signature.ts';
import type { CommandContext } from './command-context.ts';

/** What people set of a webhook. */
export interface WebhookProps {
  url: string;
  description: string | null;
  events: NotificationType[];
  is_enabled: boolean;
}

/**
 * Makes a webhook of the actor's organisation.
 *
 * @returns what is kept of it, and its secret, which is shown only now
 */
export async function createWebhook(
  context: CommandContext,
  props: WebhookProps,
  box: SecretBox,
): Promise<{ row: Webhook; secret: string }> {
  const { trx, actor } = context;
  const secret = newWebhookSecret();
  const row = await Webhook.query(trx)
    .insert({
      ...{ id: uuid(), organization_id: actor.membership.organizationId },
      ...{ ...props, sealed_secret: box.seal(secret), created_by: actor.user.id },
    })
    .returning(Webhook.columns);
  await audit(context, 'webhook.create', row);
  return { row, secret };
}

/** Changes a webhook. @throws {NotFoundError} */
export async function updateWebhook(
  context: CommandContext,
  id: string,
  change: Partial<WebhookProps>,
): Promise<Webhook> {
  const webhook = await lockWebhook(context, id);
  await Webhook.query(context.trx)
    .patch({ ...change, updated_at: new Date() })
    .where({ organization_id: webhook.organization_id, id });
  const row = await lockWebhook(context, id);
  await audit(context, 'webhook.update', row);
  return row;
}

/** Ends a webhook; what waits for it is not sent any more. @throws {NotFoundError} */
export async function deleteWebhook(context: CommandContext, id: string): Promise<void> {
  const webhook = await lockWebhook(context, id);
  await Webhook.query(context.trx).delete().where({ organization_id: webhook.organization_id, id });
  await audit(context, 'webhook.delete', webhook);
}

/**
 * Sends a message again, with a full set of attempts.
 *
 * @throws {NotFoundError}
 * @throws {ConflictError} for one that waits already, or for a webhook that is switched off
 */
export async function resendDelivery(
  context: CommandContext,
  webhookId: string,
  id: string,
): Promise<WebhookDelivery> {
  const webhook = await lockWebhook(context, webhookId);
  if (!webhook.is_enabled) throw new ConflictError('The webhook is switched off.');
  const delivery = await WebhookDelivery.of(context.trx, webhook).findOne({ id });
  if (!delivery) throw new NotFoundError('There is no such message.');
  const isDue = { status: 'pending', attempts: 0, available_at: new Date() } as const;
  if (delivery.status === 'pending' && delivery.attempts === 0) {
    throw new ConflictError('The message is about to be sent.');
  }
  await WebhookDelivery.query(context.trx)
    .patch(isDue)
    .where({ organization_id: webhook.organization_id, id });
  await audit(context, 'webhook.resend', webhook, { delivery_id: id });
  return Object.assign(delivery, isDue);
}

async function lockWebhook({ trx, actor }: CommandContext, id: string): Promise<Webhook> {
  const { organizationId } = actor.membership;
  const webhook = await Webhook.of(trx, organizationId).findOne({ id }).forUpdate();
  if (!webhook) throw new NotFoundError('There is no such webhook.');
  return webhook;
}

/** Of the address only the host: its path and query may be secrets of the receiver. */
async function audit(
  { trx, actor, request }: CommandContext,
  action: string,
  row: Webhook,
  details: object = {},
): Promise<void> {
  await recordAudit(trx, {
    organizationId: row.organization_id,
    actor: actor.user,
    action,
    target: { type: 'webhook', id: row.id },
    details: { host: new URL(row.url).host, events: row.events, ...details },
    request,
  });
}
