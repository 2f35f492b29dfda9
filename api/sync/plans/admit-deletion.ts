import { enqueueRequest } from '../../commands/approve-revision.ts';
import type { Database } from '../../db/database.ts';
import { RUNNING_STATUSES } from '../../policies/request-transitions.ts';
import { recordPlatformDeed } from '../record-platform-deed.ts';
import { lockPlannedRow } from './planned-row.ts';

const MESSAGE = 'Nothing is destroyed by this deletion, so it needs no approval.';

/**
 * Lets a deletion go on that waits for nothing: nothing was made, or what was made stays. The operator
 * has the last word, so this need not be right.
 */
export async function admitDeletion(database: Database, requestId: string): Promise<void> {
  await database.withSystem('relay: nothing to destroy', async (trx) => {
    const row = await lockPlannedRow(trx, requestId);
    if (!row?.deletes || !RUNNING_STATUSES.includes(row.status)) return;
    const { id, organization_id, revision } = row;
    await trx('request_revisions')
      .where({ organization_id, request_id: id, revision, status: 'pending' })
      .update({ status: 'approved', approvers: 0, approvals: '[]', decision_comment: MESSAGE });
    await trx('resource_requests')
      .where({ id })
      .update({ status: 'deleting', revision, pending_revision: null, updated_at: trx.fn.now() });
    await enqueueRequest(trx, row);
    await recordPlatformDeed(trx, row, {
      ...{ event: 'approved', action: 'approve', message: MESSAGE },
      details: { revision, deletes: true, by: 'platform' },
      change: { before: { status: row.status }, after: { status: 'deleting' } },
    });
  });
}
