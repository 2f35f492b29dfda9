import { z } from 'zod';
import { canAuditLog } from '../../policies/audit-log-policy.ts';
import { authorize } from '../../policies/authorize.ts';
import { presentAuditRecord } from '../../presenters/present-audit-record.ts';
import { pageParameters, readPage } from '../page.ts';
import { memberRoute } from '../route.ts';
import { auditFilters, filterAuditLog } from './filter-audit-log.ts';

const MOST_LINES = 5_000;

/** `GET /audit-logs/export` */
export const exportAuditLogs = memberRoute({
  method: 'get',
  path: '/audit-logs/export',
  summary: 'Who did what, newest first, one JSON object per line',
  description:
    'At most 5,000 lines in one answer; where there are more, the header `Link` names the next.',
  tag: 'Audit log',
  query: z.strictObject({
    ...auditFilters,
    cursor: pageParameters.cursor,
    limit: z.coerce.number().int().min(1).max(MOST_LINES).default(MOST_LINES),
  }),
  types: ['application/jsonl'],
  responses: { 200: z.string() },
  handle: async ({ actor, trx, input }) => {
    const { organizationId } = actor.membership;
    authorize(canAuditLog, actor, 'read', { organization_id: organizationId });
    const { cursor, limit, ...chosen } = input.query;
    const query = filterAuditLog(trx, organizationId, chosen);
    const { items, next } = await readPage(query, { cursor, limit });
    const lines = items.map((record) => `${JSON.stringify(presentAuditRecord(record))}\n`);
    const headers =
      next === null ? undefined : { Link: linkTo({ ...chosen, limit, cursor: next }) };
    return {
      ...{ status: 200, body: lines.join(''), type: 'application/jsonl' },
      ...(headers && { headers }),
    };
  },
});

function linkTo(query: Record<string, string | number | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return `</api/v1/audit-logs/export?${parameters.toString()}>; rel="next"`;
}
