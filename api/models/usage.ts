import type { Transaction } from '../db/transaction.ts';

/** What usage is summed up over. */
export const PERIODS = ['hour', 'day', 'month'] as const;

/** Whose usage, and when. */
export interface UsageQuestion {
  organizationId: string;
  from: Date;
  to: Date;
  period: (typeof PERIODS)[number];
  project_id?: string | undefined;
  class_name?: string | undefined;
}

/** What a class came to in a project and a period. */
export interface UsageSum {
  period: Date;
  project_id: string;
  class_name: string;
  /** Null: it had no price. */
  currency: string | null;
  seconds: number;
  /** A decimal, as the driver gives it. */
  cost: string;
}

/** Sums up usage by period, project, class and currency. */
export async function sumUsage(trx: Transaction, question: UsageQuestion): Promise<UsageSum[]> {
  const { organizationId, from, to, period, project_id, class_name } = question;
  const query = trx('usage_records')
    .select(trx.raw(`date_trunc(:period, hour, 'UTC') as period`, { period }))
    .select('project_id', 'class_name', 'currency')
    .select(trx.raw('sum(seconds)::float8 as seconds'), trx.raw('sum(cost) as cost'))
    .where('organization_id', organizationId)
    .where('hour', '>=', from)
    .where('hour', '<', to)
    .groupByRaw('1, 2, 3, 4')
    .orderByRaw('1, 2, 3, 4');
  if (project_id !== undefined) void query.where({ project_id });
  if (class_name !== undefined) void query.where({ class_name });
  return (await query) as UsageSum[];
}
