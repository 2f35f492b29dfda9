import { v7 as uuid } from 'uuid';
import type { Database } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import type { PlanStatus } from '../models/request-revision.ts';
import { mayDecide, type RoleInOrganization } from '../policies/may-decide.ts';
import { isAwaitingDecision, type RequestStatus } from '../policies/request-transitions.ts';
import { notificationsOf, type NotificationType } from './notification-types.ts';

const BATCH = 50;

/** An entry in the history of a request that nobody was told of. */
interface UntoldEvent {
  id: string;
  organization_id: string;
  request_id: string;
  type: string;
  message: string | null;
  created_at: Date;
  name: string;
  class_name: string;
  project_id: string;
  status: RequestStatus;
  pending_revision: number | null;
  /** Of the revision that waits; null where the class wants no plan. */
  plan_status: PlanStatus | null;
  /** Whether it is the deletion that waits. */
  deletes: boolean;
  requested_by: string | null;
  requester_email: string | null;
}

/** A notification on its way. */
interface Notification {
  type: NotificationType;
  event: UntoldEvent;
  payload: object;
}

/**
 * Makes deliveries of what happened: one for each webhook that wants to know, and one for each
 * person whom it concerns. Both sides in one transaction, so nothing is told twice or never.
 *
 * @param hasMail whether mails can be sent
 * @returns how many events were looked at
 */
export async function fanOut(database: Database, hasMail: boolean): Promise<number> {
  return database.withSystem('notifications: fan out', async (trx) => {
    const { rows } = await trx.raw<{ rows: UntoldEvent[] }>(UNTOLD, [BATCH]);
    for (const event of rows) {
      for (const notification of readNotifications(event)) {
        await deliverToWebhooks(trx, notification);
        if (hasMail) await deliverToPeople(trx, notification);
      }
    }
    const ids = rows.map(({ id }) => id);
    await trx('request_events').whereIn('id', ids).update({ told_at: trx.fn.now() });
    return rows.length;
  });
}

const UNTOLD = `
  select event.id, event.organization_id, event.request_id, event.type, event.message,
    event.created_at, request.name, request.class_name, request.project_id, request.status,
    request.pending_revision, latest.plan_status, latest.deletes, request.requested_by, requester.email as requester_email
  from request_events as event
    join resource_requests as request on request.organization_id = event.organization_id
      and request.id = event.request_id
    join request_revisions as latest on latest.organization_id = request.organization_id
      and latest.request_id = request.id
      and latest.revision = coalesce(request.pending_revision, request.revision)
    left join users as requester on requester.id = request.requested_by
  where event.told_at is null order by event.id limit ? for update of event skip locked
`;

function readNotifications(event: UntoldEvent): Notification[] {
  return notificationsOf(event.type, isToBeDecided(event)).map((type) => ({
    ...{ type, event },
    payload: {
      type,
      timestamp: event.created_at.toISOString(),
      data: {
        organization_id: event.organization_id,
        project_id: event.project_id,
        request: { id: event.request_id, name: event.name, class_name: event.class_name },
        message: event.message,
      },
    },
  }));
}

/** Nobody is asked to decide before there is a plan to look at, where the class wants one. */
function isToBeDecided({ type, plan_status, ...request }: UntoldEvent): boolean {
  const { status, pending_revision: pendingRevision, deletes } = request;
  const isAwaiting = isAwaitingDecision({ status, pendingRevision, deletes });
  return isAwaiting && plan_status === (type === 'plan_ready' ? 'ready' : null);
}

async function deliverToWebhooks(trx: Transaction, notification: Notification): Promise<void> {
  const hooks = await trx('webhooks')
    .where({ organization_id: notification.event.organization_id, is_enabled: true })
    .whereRaw('? = any (events)', [notification.type])
    .pluck<string[]>('id');
  const rows = hooks.map((webhook_id) => ({
    ...toRow(notification),
    channel: 'webhook',
    webhook_id,
  }));
  if (rows.length > 0) await trx('notification_deliveries').insert(rows);
}

async function deliverToPeople(trx: Transaction, notification: Notification): Promise<void> {
  const recipients = await findRecipients(trx, notification);
  const rows = recipients.map((recipient) => ({
    ...{ ...toRow(notification), channel: 'email', recipient },
  }));
  if (rows.length > 0) await trx('notification_deliveries').insert(rows);
}

/** Who decides is told what there is to decide; who asked is told everything else. */
async function findRecipients(trx: Transaction, { type, event }: Notification): Promise<string[]> {
  if (type !== 'request.needs_approval') {
    return event.requester_email === null ? [] : [event.requester_email];
  }
  const members = await trx('memberships')
    .join('users', 'users.id', 'memberships.user_id')
    .leftJoin('role_policies', (join) =>
      join
        .on('role_policies.organization_id', 'memberships.organization_id')
        .on('role_policies.role', 'memberships.role'),
    )
    .where('memberships.organization_id', event.organization_id)
    .whereRaw('users.id is distinct from ?', [event.requested_by])
    .select<MemberToAsk[]>('users.email', 'memberships.role', 'role_policies.permissions');
  return members.filter(mayDecide).map(({ email }) => email);
}

interface MemberToAsk extends RoleInOrganization {
  email: string;
}

function toRow({ type, event, payload }: Notification): Record<string, unknown> {
  return {
    id: uuid(),
    organization_id: event.organization_id,
    type,
    payload: JSON.stringify(payload),
  };
}
