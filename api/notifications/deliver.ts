import { toError } from '../../lib/errors.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Database } from '../db/database.ts';
import type { Mailer } from '../mail/mailer.ts';
import { composeNotification } from './compose-notification.ts';
import {
  claimDeliveries,
  disableWebhook,
  settleDelivered,
  settleFailed,
  type Delivery,
  type FailedAttempt,
} from './delivery-queue.ts';
import type { SecretBox } from './secret-box.ts';
import type { WebhookClient } from './webhook-client.ts';
import { signWebhook } from './webhook-signature.ts';

/** The receiver is gone for good (RFC 9110 §15.5.11). */
const GONE = 410;

/** What deliveries are made with. */
export interface DeliveryDependencies {
  database: Database;
  webhooks: WebhookClient;
  /** Undefined where no mail server is configured. */
  mailer: Mailer | undefined;
  box: SecretBox;
  /** Where people reach the api; stands in mails. */
  publicUrl: string;
  clock: Clock;
  log: Logger;
}

type Outcome = { responseStatus: number | null } | FailedAttempt;

/** Delivers what is due. Replicas may do it at the same time. @returns how many were taken up */
export async function deliverDue(dependencies: DeliveryDependencies): Promise<number> {
  const deliveries = await claimDeliveries(dependencies.database);
  await Promise.all(deliveries.map((delivery) => deliver(dependencies, delivery)));
  return deliveries.length;
}

async function deliver(dependencies: DeliveryDependencies, delivery: Delivery): Promise<void> {
  const { database, log } = dependencies;
  const outcome = await attempt(dependencies, delivery);
  if (!('error' in outcome)) {
    await settleDelivered(database, delivery.id, outcome.responseStatus);
    return;
  }
  const isKept = await settleFailed(database, delivery, outcome);
  if (outcome.responseStatus === GONE && delivery.webhook) {
    await disableWebhook(database, delivery.webhook.id);
  }
  const { error, responseStatus: status } = outcome;
  const fields = { delivery: delivery.id, attempts: delivery.attempts, status, reason: error };
  if (isKept) log.info('a notification could not be delivered yet', fields);
  else log.warn('a notification was given up', fields);
}

async function attempt(dependencies: DeliveryDependencies, delivery: Delivery): Promise<Outcome> {
  try {
    return delivery.webhook === null
      ? await sendMail(dependencies, delivery)
      : await callWebhook(dependencies, delivery, delivery.webhook);
  } catch (error) {
    const { message, cause } = toError(error);
    const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
    return { error: reason, responseStatus: null, isFinal: false };
  }
}

async function sendMail(
  { mailer, publicUrl }: DeliveryDependencies,
  { recipient, type, payload }: Delivery,
): Promise<Outcome> {
  if (!mailer || recipient === null) return final('there is no way to send it');
  await mailer.send(composeNotification(recipient, { type, payload, url: publicUrl }));
  return { responseStatus: null };
}

async function callWebhook(
  { webhooks, box, clock }: DeliveryDependencies,
  { id, payload }: Delivery,
  webhook: NonNullable<Delivery['webhook']>,
): Promise<Outcome> {
  if (!webhook.is_enabled) return final('the webhook is switched off');
  const secret = box.open(webhook.sealed_secret);
  if (secret === undefined) return final('the secret is lost; make the webhook anew');
  const body = JSON.stringify(payload);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'quartermaster-webhooks',
    ...signWebhook(secret, { id, sentAt: clock.now(), body }),
  };
  const status = await webhooks.post({ url: webhook.url, headers, body });
  if (status >= 200 && status < 300) return { responseStatus: status };
  return { error: `answered ${status}`, responseStatus: status, isFinal: status === GONE };
}

function final(error: string): FailedAttempt {
  return { error, responseStatus: null, isFinal: true };
}
