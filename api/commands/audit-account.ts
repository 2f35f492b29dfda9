import { recordAudit } from '../db/audit.ts';
import type { Transaction } from '../db/transaction.ts';
import { Membership } from '../models/membership.ts';
import type { RequestInfo } from '../routes/route.ts';

/** What happened to an account, and who did it. */
export interface AccountDeed {
  user: { id: string; email: string };
  /** `user.` is put before it. */
  action: string;
  request: RequestInfo;
  details?: Record<string, unknown>;
}

/**
 * Writes what happened to an account into the audit log of every organisation of the person: each
 * of them gives access by it.
 *
 * @param trx of the system
 */
export async function auditAccount(trx: Transaction, deed: AccountDeed): Promise<void> {
  const { user, action, request, details = {} } = deed;
  const memberships = await Membership.query(trx)
    .select('organization_id')
    .where({ user_id: user.id });
  for (const { organization_id: organizationId } of memberships) {
    await recordAudit(trx, {
      ...{ organizationId, actor: user, details, request },
      action: `user.${action}`,
      target: { type: 'user', id: user.id },
    });
  }
}
