import { createHash } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { canonicalJson } from '../../lib/canonical-json.ts';
import { runTogether } from './run-together.ts';
import { defineStatement, type Statement } from './statement.ts';
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

const insertRecord = defineStatement(
  'insert_audit_record',
  `insert into audit_log (id, organization_id, actor_id, actor_kind, actor_name, action,
     target_type, target_id, outcome, details, before_digest, after_digest, request_id, address)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
);

/** The statement that writes to the audit log. */
export function auditStatement(entry: AuditEntry): Statement {
  const { target, outcome = 'success', details = {}, change, request } = entry;
  const { actor_id, actor_kind, actor_name } = actorColumns(entry.actor);
  return insertRecord(
    ...[uuid(), entry.organizationId, actor_id, actor_kind, actor_name, entry.action],
    ...[target.type, target.id, outcome, JSON.stringify(details)],
    ...[digestOf(change?.before), digestOf(change?.after)],
    ...[request?.id ?? null, request?.address ?? null],
  );
}

/**
 * Writes to the audit log, in the transaction of the change itself: both happen or neither.
 *
 * @param trx the transaction of the change
 * @param entry what happened
 */
export async function recordAudit(trx: Transaction, entry: AuditEntry): Promise<void> {
  await runTogether(trx, [auditStatement(entry)]);
}

/** SHA-256 of a thing as canonical JSON (RFC 8785), in hex; null for nothing. */
export function digestOf(thing: object | null | undefined): string | null {
  if (thing === null || thing === undefined) return null;
  // Through JSON first: dates become texts, and what is undefined is absent.
  const plain = JSON.parse(JSON.stringify(thing)) as unknown;
  return createHash('sha256').update(canonicalJson(plain)).digest('hex');
}

interface ActorColumns {
  actor_id: string | null;
  actor_kind: string;
  actor_name: string | null;
}

function actorColumns(actor: AuditEntry['actor']): ActorColumns {
  if (actor === null) return { actor_id: null, actor_kind: 'system', actor_name: null };
  const { apiKey } = actor;
  return apiKey
    ? { actor_id: apiKey.id, actor_kind: 'api_key', actor_name: apiKey.name }
    : { actor_id: actor.id, actor_kind: 'user', actor_name: actor.email };
}
