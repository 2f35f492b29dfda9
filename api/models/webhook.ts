import { Model, type QueryBuilder } from 'objection';
import type { NotificationType } from '../notifications/notification-types.ts';
import type { Transaction } from '../db/transaction.ts';

/** An address that is told of what happens to the requests of an organisation. */
export class Webhook extends Model {
  static override tableName = 'webhooks';
  /** All but the secret. */
  static readonly columns = [
    ...['id', 'organization_id', 'url', 'description', 'events', 'is_enabled', 'created_by'],
    ...['created_at', 'updated_at'],
  ];

  declare id: string;
  declare organization_id: string;
  declare url: string;
  declare description: string | null;
  declare events: NotificationType[];
  declare sealed_secret: string;
  declare is_enabled: boolean;
  declare created_by: string | null;
  declare created_at: Date;
  declare updated_at: Date;

  /** The webhooks of an organisation. */
  static of(trx: Transaction, organizationId: string): QueryBuilder<Webhook, Webhook[]> {
    return Webhook.query(trx).select(Webhook.columns).where({ organization_id: organizationId });
  }
}

/** One message to a webhook. */
export class WebhookDelivery extends Model {
  static override tableName = 'notification_deliveries';

  declare id: string;
  declare organization_id: string;
  declare webhook_id: string;
  declare type: NotificationType;
  declare status: 'pending' | 'delivered' | 'failed';
  declare attempts: number;
  declare available_at: Date;
  declare response_status: number | null;
  declare last_error: string | null;
  declare created_at: Date;
  declare delivered_at: Date | null;

  /** The messages to a webhook. */
  static of(
    trx: Transaction,
    webhook: Pick<Webhook, 'id' | 'organization_id'>,
  ): QueryBuilder<WebhookDelivery, WebhookDelivery[]> {
    return WebhookDelivery.query(trx).where({
      organization_id: webhook.organization_id,
      webhook_id: webhook.id,
    });
  }
}
