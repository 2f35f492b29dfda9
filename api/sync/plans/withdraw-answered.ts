import { findCondition } from '../../../crds/condition.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import type { Transaction } from '../../db/transaction.ts';
import { isOlder } from '../import/decide-import.ts';
import { carriesRevision } from '../mirror/mirrored-status.ts';
import { recordPlatformDeed } from '../record-platform-deed.ts';
import { findSyncedRequest } from '../synced-request.ts';
import { lockPlannedRow, type PlannedRow } from './planned-row.ts';

const MESSAGE = 'There is nothing to put right any more.';

/**
 * Whether the operator has nothing to ask of what was put before the approvers again: what had
 * drifted is as it should be, or somebody else has put it right.
 *
 * @param resource with a status about its present generation
 */
export function isAnswered(resource: ResourceRequest, row: PlannedRow): boolean {
  const { conditions, plan, run } = resource.status ?? {};
  const isSatisfied = findCondition(conditions, 'Approved')?.status === 'True';
  return isReopened(row) && isSatisfied && plan === undefined && run === undefined;
}

/** Everything else that waits was ordered, by a person or for a resource that asks for it. */
function isReopened({ status, plan_attempt, deletes }: PlannedRow): boolean {
  return status !== 'pending' && plan_attempt === 0 && !deletes;
}

/**
 * Takes back what was put before the approvers again, when there is nothing to ask any more.
 *
 * @param requestId whose resource it is
 */
export async function withdrawAnswered(
  trx: Transaction,
  requestId: string,
  resource: ResourceRequest,
): Promise<void> {
  const row = await lockPlannedRow(trx, requestId);
  const request = await findSyncedRequest(trx, requestId);
  if (!row || !request || !isAnswered(resource, row)) return;
  if (isOlder(resource, request) || !carriesRevision(request, resource)) return;
  const { organization_id, id, revision } = row;
  await trx('request_revisions')
    .where({ organization_id, request_id: id, revision, status: 'pending' })
    .update({ status: 'cancelled', decision_comment: MESSAGE });
  await trx('resource_requests')
    .where({ id })
    .update({ pending_revision: null, updated_at: trx.fn.now() });
  await recordPlatformDeed(trx, row, {
    ...{ event: 'withdrawn', action: 'withdraw', message: MESSAGE, details: { revision } },
    change: { before: { pending_revision: revision }, after: { pending_revision: null } },
  });
}
