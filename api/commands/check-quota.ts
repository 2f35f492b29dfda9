import type { Transaction } from '../db/transaction.ts';
import { QuotaExceededError } from '../errors.ts';
import { Quota } from '../models/quota.ts';
import { presentQuota } from '../presenters/present-quota.ts';
import { judgeQuota, type ClassCount, type ClassPrice } from '../policies/judge-quota.ts';
import { RUNNING_STATUSES, LIVE_STATUSES } from '../policies/request-transitions.ts';
import type { ClassCatalogue } from '../sync/classes/class-catalogue.ts';

/** One more request that is to be made, or put in force. */
export interface QuotaDemand {
  organization_id: string;
  project_id: string;
  className: string;
  /**
   * `live`: everything that is asked for counts. `approved`: only what is in force, so that what
   * waits keeps nobody from approving.
   */
  counting: 'live' | 'approved';
}

const COUNTED = { live: LIVE_STATUSES, approved: [...RUNNING_STATUSES, 'deleting'] } as const;

/**
 * Refuses what a quota does not leave room for. Without quotas this is one look at an index.
 *
 * @throws {QuotaExceededError} naming quota, used and asked
 */
export async function checkQuota(
  trx: Transaction,
  classes: ClassCatalogue,
  demand: QuotaDemand,
): Promise<void> {
  const quotas = await Quota.lockFor(trx, demand);
  if (quotas.length === 0) return;
  const counts = await countRequests(trx, demand);
  const priceOf = (name: string): ClassPrice | undefined => classes.find(name)?.spec.cost;
  for (const quota of quotas) {
    const limits = presentQuota(quota);
    const excess = judgeQuota(limits, { className: demand.className, counts, priceOf });
    if (excess) throw new QuotaExceededError(excess);
  }
}

/** After the lock: a statement of its own sees what others have committed while this one waited. */
async function countRequests(
  trx: Transaction,
  { organization_id, counting }: QuotaDemand,
): Promise<ClassCount[]> {
  const rows = await trx('resource_requests')
    .select('project_id', 'class_name')
    .count<{ project_id: string; class_name: string; count: string }[]>('* as count')
    .where({ organization_id })
    .whereIn('status', [...COUNTED[counting]])
    .groupBy('project_id', 'class_name');
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}
