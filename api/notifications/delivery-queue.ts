import type { Database } from '../db/database.ts';
import { pauseAfter } from './delivery-schedule.ts';

/** How long one replica has for a delivery before another tries. */
const LEASE_SECONDS = 60;
const BATCH = 20;
const ERROR_LIMIT = 500;

/** What is to be delivered. */
export interface Delivery {
  id: string;
  organization_id: string;
  type: string;
  payload: Record<string, unknown>;
  attempts: number;
  recipient: string | null;
  /** Of the webhook, where it goes to one. */
  webhook: { id: string; url: string; sealed_secret: string; is_enabled: boolean } | null;
}

const CLAIM = `
  with due as materialized (
    select id from notification_deliveries
    where status = 'pending' and available_at <= now()
    order by available_at, id limit ? for update skip locked
  ), claimed as (
    update notification_deliveries as delivery
    set attempts = attempts + 1, available_at = now() + ? * interval '1 second'
    from due where delivery.id = due.id
    returning delivery.*
  )
  select claimed.id, claimed.organization_id, claimed.type, claimed.payload, claimed.attempts,
    claimed.recipient,
    case when webhook.id is not null then jsonb_build_object('id', webhook.id, 'url', webhook.url,
      'sealed_secret', webhook.sealed_secret, 'is_enabled', webhook.is_enabled) end as webhook
  from claimed left join webhooks as webhook on webhook.id = claimed.webhook_id
`;

/** Takes deliveries that are due; nobody else gets them for a minute. */
export async function claimDeliveries(database: Database): Promise<Delivery[]> {
  return database.withSystem('notifications: claim', async (trx) => {
    const { rows } = await trx.raw<{ rows: Delivery[] }>(CLAIM, [BATCH, LEASE_SECONDS]);
    return rows;
  });
}

/** It arrived. */
export async function settleDelivered(
  database: Database,
  id: string,
  responseStatus: number | null,
): Promise<void> {
  await database.withSystem('notifications: delivered', (trx) =>
    trx('notification_deliveries')
      .where({ id })
      .update({
        ...{ status: 'delivered', response_status: responseStatus, last_error: null },
        delivered_at: trx.fn.now(),
      }),
  );
}

/** How an attempt failed. */
export interface FailedAttempt {
  error: string;
  responseStatus: number | null;
  /** No other attempt can do better. */
  isFinal: boolean;
}

/** It did not arrive: later again, or never. @returns whether it is tried again */
export async function settleFailed(
  database: Database,
  delivery: Pick<Delivery, 'id' | 'attempts'>,
  failure: FailedAttempt,
): Promise<boolean> {
  const pause = failure.isFinal ? undefined : pauseAfter(delivery.attempts, Math.random());
  await database.withSystem('notifications: failed', (trx) =>
    trx('notification_deliveries')
      .where({ id: delivery.id })
      .update({
        status: pause === undefined ? 'failed' : 'pending',
        response_status: failure.responseStatus,
        last_error: failure.error.slice(0, ERROR_LIMIT),
        available_at: trx.raw("now() + ? * interval '1 millisecond'", [pause ?? 0]),
      }),
  );
  return pause !== undefined;
}

/** Switches a webhook off whose receiver says that it is gone. */
export async function disableWebhook(database: Database, id: string): Promise<void> {
  await database.withSystem('notifications: webhook is gone', (trx) =>
    trx('webhooks').where({ id }).update({ is_enabled: false, updated_at: trx.fn.now() }),
  );
}

/** Removes what was delivered or given up a month ago. */
export async function pruneDeliveries(database: Database): Promise<number> {
  return database.withSystem('notifications: prune', (trx) =>
    trx('notification_deliveries')
      .where('status', '<>', 'pending')
      .whereRaw("available_at < now() - interval '30 days'")
      .delete(),
  );
}
