import { z } from 'zod';
import { canAuditLog } from '../../policies/audit-log-policy.ts';
import { authorize } from '../../policies/authorize.ts';
import { auditRecordSchema, presentAuditRecord } from '../../presenters/present-audit-record.ts';
import { pageOf, pageParameters, readPage } from '../page.ts';
import { memberRoute, type Route } from '../route.ts';
import { exportAuditLogs } from './export-audit-logs.ts';
import { auditFilters, filterAuditLog } from './filter-audit-log.ts';

/** `GET /audit-logs` */
const listAuditLogs = memberRoute({
  method: 'get',
  path: '/audit-logs',
  summary: 'Who did what, newest first',
  tag: 'Audit log',
  query: z.strictObject({ ...pageParameters, ...auditFilters }),
  responses: { 200: pageOf(auditRecordSchema) },
  handle: async ({ actor, trx, input }) => {
    const organizationId = actor.membership.organizationId;
    authorize(canAuditLog, actor, 'read', { organization_id: organizationId });
    const query = filterAuditLog(trx, organizationId, input.query);
    const page = await readPage(query, input.query);
    return { status: 200, body: { items: page.items.map(presentAuditRecord), next: page.next } };
  },
});

/** The routes of this file. */
export const auditLogRoutes: readonly Route[] = [listAuditLogs, exportAuditLogs];
