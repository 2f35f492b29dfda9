import type { Database } from '../db/database.ts';
import { recordRequestEvent } from '../db/request-events.ts';

const AHEAD_HOURS = 24;

interface ExpiringRow {
  id: string;
  organization_id: string;
  revision: number;
  approval_expires_at: Date;
}

/** Approvals that started nothing yet, end within a day, and were not warned of. */
const EXPIRING = `
  select id, organization_id, revision, approval_expires_at from resource_requests as request
  where status in ('approved', 'failed') and pending_revision is null
    and approval_expires_at between :now and :now::timestamptz + :hours * interval '1 hour'
    and not exists (
      select from request_events as event
      where event.organization_id = request.organization_id and event.request_id = request.id
        and event.type = 'expires_soon'
        and event.details ->> 'revision' = request.revision::text
    )
  limit 100 for update skip locked
`;

/**
 * Notes in the history of requests that their approval ends soon, once for each approval.
 *
 * @returns how many
 */
export async function warnOfExpiry(database: Database, now: Date): Promise<number> {
  return database.withSystem('notifications: approvals that end', async (trx) => {
    const { rows } = await trx.raw<{ rows: ExpiringRow[] }>(EXPIRING, { now, hours: AHEAD_HOURS });
    for (const { id, organization_id, revision, approval_expires_at: end } of rows) {
      await recordRequestEvent(trx, {
        ...{ organizationId: organization_id, requestId: id, actorId: null },
        type: 'expires_soon',
        message: `The approval ends at ${end.toISOString()}.`,
        details: { revision, expires_at: end.toISOString() },
      });
    }
    return rows.length;
  });
}
