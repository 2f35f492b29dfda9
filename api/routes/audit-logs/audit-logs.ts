import { z } from 'zod';
import { AuditRecord } from '../../models/audit-record.ts';
import { canAuditLog } from '../../policies/audit-log-policy.ts';
import { authorize } from '../../policies/authorize.ts';
import { auditRecordSchema, presentAuditRecord } from '../../presenters/present-audit-record.ts';
import { pageOf, pageParameters, readPage } from '../page.ts';
import { memberRoute, type Route } from '../route.ts';

/** `GET /audit-logs` */
const listAuditLogs = memberRoute({
  method: 'get',
  path: '/audit-logs',
  summary: 'Who did what, newest first',
  tag: 'Audit log',
  query: z.strictObject({
    ...pageParameters,
    action: z.string().max(100).optional(),
    actor_id: z.uuid().optional(),
    target_id: z.string().max(253).optional(),
    outcome: z.enum(['success', 'denied']).optional(),
  }),
  responses: { 200: pageOf(auditRecordSchema) },
  handle: async ({ actor, trx, input }) => {
    const organizationId = actor.membership.organizationId;
    authorize(canAuditLog, actor, 'read', { organization_id: organizationId });
    const { action, actor_id, target_id, outcome } = input.query;
    const query = AuditRecord.query(trx).where({ organization_id: organizationId });
    for (const [column, value] of Object.entries({ action, actor_id, target_id, outcome })) {
      if (value !== undefined) void query.where(column, value);
    }
    const page = await readPage(query, input.query);
    return { status: 200, body: { items: page.items.map(presentAuditRecord), next: page.next } };
  },
});

/** The routes of this file. */
export const auditLogRoutes: readonly Route[] = [listAuditLogs];
