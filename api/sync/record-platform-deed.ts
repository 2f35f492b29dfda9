import { auditStatement } from '../db/audit.ts';
import { requestEventStatement, type RequestEventType } from '../db/request-events.ts';
import { runTogether } from '../db/run-together.ts';
import type { Transaction } from '../db/transaction.ts';

/** What became of a request without anybody of the api having done it. */
export interface PlatformDeed {
  /** For the history of the request. */
  event: RequestEventType;
  /** For the audit log; `resource_request.` is put before it. */
  action: string;
  message?: string | undefined;
  details: Record<string, unknown>;
  /** What was, and what is now. */
  change: { before: object; after: object };
}

/** Writes it down: in the history of the request, and in the audit log. */
export async function recordPlatformDeed(
  trx: Transaction,
  request: { id: string; organization_id: string },
  { event, action, message, details, change }: PlatformDeed,
): Promise<void> {
  const { id, organization_id: organizationId } = request;
  await runTogether(trx, [
    requestEventStatement({
      ...{ organizationId, requestId: id, type: event, actorId: null, message },
      details: { ...details, ...change },
    }),
    auditStatement({
      ...{ organizationId, actor: null, action: `resource_request.${action}` },
      ...{ target: { type: 'resource_request', id }, details, change },
    }),
  ]);
}
