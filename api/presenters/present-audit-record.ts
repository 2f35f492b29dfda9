import { z } from 'zod';
import type { AuditRecord } from '../models/audit-record.ts';

/** A line of the audit log as the API shows it. */
export const auditRecordSchema = z
  .object({
    id: z.uuid(),
    organization_id: z.uuid(),
    actor: z
      .object({
        kind: z.enum(['user', 'system', 'api_key']),
        id: z.uuid().nullable(),
        name: z.string().nullable(),
      })
      .meta({ description: 'As it was at that time.' }),
    action: z.string(),
    target: z.object({ type: z.string(), id: z.string() }),
    outcome: z.enum(['success', 'denied']),
    details: z.record(z.string(), z.unknown()),
    before_digest: z
      .string()
      .nullable()
      .meta({ description: 'SHA-256 of what was, as canonical JSON (RFC 8785).' }),
    after_digest: z.string().nullable().meta({ description: 'The same of what is since then.' }),
    request_id: z.string().nullable(),
    address: z.string().nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'AuditRecord' });

/** The answer for one line. */
export function presentAuditRecord(record: AuditRecord): z.infer<typeof auditRecordSchema> {
  return {
    id: record.id,
    organization_id: record.organization_id,
    actor: { kind: record.actor_kind, id: record.actor_id, name: record.actor_name },
    action: record.action,
    target: { type: record.target_type, id: record.target_id },
    outcome: record.outcome,
    details: record.details,
    before_digest: record.before_digest,
    after_digest: record.after_digest,
    request_id: record.request_id,
    address: record.address,
    created_at: record.created_at.toISOString(),
  };
}
