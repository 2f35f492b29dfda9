import { v7 as uuid } from 'uuid';
import { currentTrace, formatTraceparent } from '../../lib/trace-context.ts';
import type { Transaction } from './transaction.ts';

/** The channel that wakes the relay; `LISTEN` on it with the system role. */
export const OUTBOX_CHANNEL = 'quartermaster_outbox';

/** What the relay can be asked to do. */
export type OutboxKind =
  /** Make the namespace of a project, or put it right. Key: namespace. */
  | 'namespace'
  /** Remove the namespace of a project that is gone. Key: namespace. */
  | 'namespace-removal'
  /** Apply the ResourceRequest of an approved request. Key: request id. */
  | 'resource-request'
  /** Delete the ResourceRequest of a request. Key: request id. */
  | 'resource-request-removal'
  /** Have the revision of a request planned that waits for a decision. Key: request id. */
  | 'plan';

/** Payload of `namespace` and `namespace-removal`. */
export interface NamespacePayload {
  organization_slug: string;
  project_id: string;
  project_slug: string;
  namespace: string;
}

/** A row of the outbox as it is put in. */
export interface OutboxEntry {
  organizationId: string;
  kind: OutboxKind;
  key: string;
  /** Never secrets. */
  payload: object;
}

/**
 * Asks the relay for a write to Kubernetes, in the transaction of the decision: the write follows
 * exactly when the decision is committed.
 *
 * @param trx the transaction of the decision
 * @param entry what is to be done
 */
export async function enqueueOutbox(trx: Transaction, entry: OutboxEntry): Promise<void> {
  await trx('outbox').insert({
    id: uuid(),
    organization_id: entry.organizationId,
    kind: entry.kind,
    key: entry.key,
    payload: JSON.stringify({ ...entry.payload, ...tracePayload() }),
  });
}

/** What the relay does later is part of the same trace. */
function tracePayload(): { traceparent?: string } {
  const trace = currentTrace();
  return trace ? { traceparent: formatTraceparent(trace) } : {};
}
