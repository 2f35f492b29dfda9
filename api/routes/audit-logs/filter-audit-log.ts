import type { QueryBuilder } from 'objection';
import { z } from 'zod';
import type { Transaction } from '../../db/transaction.ts';
import { AuditRecord } from '../../models/audit-record.ts';

/** Query parameters by which lines are chosen. */
export const auditFilters = {
  action: z.string().max(100).optional(),
  actor_id: z.uuid().optional(),
  target_type: z.string().max(63).optional(),
  target_id: z.string().max(253).optional(),
  outcome: z.enum(['success', 'denied']).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
};

type AuditFilters = {
  [Name in keyof typeof auditFilters]?: z.output<(typeof auditFilters)[Name]>;
};

/** The lines of an organisation that were asked for, in no order yet. */
export function filterAuditLog(
  trx: Transaction,
  organizationId: string,
  chosen: AuditFilters,
): QueryBuilder<AuditRecord, AuditRecord[]> {
  const { action, actor_id, target_type, target_id, outcome, from, to } = chosen;
  const equal = { action, actor_id, target_type, target_id, outcome };
  const query = AuditRecord.query(trx).where({ organization_id: organizationId });
  for (const [column, value] of Object.entries(equal)) {
    if (value !== undefined) void query.where(column, value);
  }
  if (from !== undefined) void query.where('created_at', '>=', from);
  if (to !== undefined) void query.where('created_at', '<', to);
  return query;
}
