import { createHash } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { canonicalJson } from '../../lib/canonical-json.ts';
import type { Transaction } from './transaction.ts';

/** One line of the audit log: who did what to which thing. */
export interface AuditEntry {
  organizationId: string;
  /** The person, or the key that a program used; null for the platform itself. */
  actor: { id: string; email: string; apiKey?: { id: string; name: string } } | null;
  /** `<thing>.<verb>`, such as `project.create`. */
  action: string;
  target: { type: string; id: string };
  outcome?: 'success' | 'denied';
  /** Never secrets: names, roles, before and after. */
  details?: Record<string, unknown>;
  /** What was, and what is now; kept as digests, by which each can be proved later. */
  change?: { before: object | null; after: object | null };
  /** The HTTP request that it happened in. */
  request?: { id: string; address: string };
}

/**
 * Writes to the audit log, in the transaction of the change itself: both happen or neither.
 *
 * @param trx the transaction of the change
 * @param entry what happened
 */
export async function recordAudit(trx: Transaction, entry: AuditEntry): Promise<void> {
  await trx('audit_log').insert({
    id: uuid(),
    organization_id: entry.organizationId,
    ...actorColumns(entry.actor),
    action: entry.action,
    target_type: entry.target.type,
    target_id: entry.target.id,
    outcome: entry.outcome ?? 'success',
    details: JSON.stringify(entry.details ?? {}),
    before_digest: digestOf(entry.change?.before),
    after_digest: digestOf(entry.change?.after),
    request_id: entry.request?.id ?? null,
    address: entry.request?.address ?? null,
  });
}

/** SHA-256 of a thing as canonical JSON (RFC 8785), in hex; null for nothing. */
export function digestOf(thing: object | null | undefined): string | null {
  if (thing === null || thing === undefined) return null;
  // Through JSON first: dates become texts, and what is undefined is absent.
  const plain = JSON.parse(JSON.stringify(thing)) as unknown;
  return createHash('sha256').update(canonicalJson(plain)).digest('hex');
}

function actorColumns(actor: AuditEntry['actor']): Record<string, string | null> {
  if (actor === null) return { actor_id: null, actor_kind: 'system', actor_name: null };
  const { apiKey } = actor;
  return apiKey
    ? { actor_id: apiKey.id, actor_kind: 'api_key', actor_name: apiKey.name }
    : { actor_id: actor.id, actor_kind: 'user', actor_name: actor.email };
}
