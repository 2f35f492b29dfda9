import { v7 as uuid } from 'uuid';
import type { RequestStatus } from '../policies/request-transitions.ts';
import type { Transaction } from './transaction.ts';

/** What can happen to a request: a person acts, or its status moves by itself. */
export type RequestEventType =
  | 'requested'
  | 'imported'
  | 'changed'
  | 'withdrawn'
  | 'partly_approved'
  | 'approved'
  | 'rejected'
  | 'cancelled'
  | 'deletion_requested'
  | 'retried'
  | 'expires_soon'
  | 'plan_ready'
  | 'plan_failed'
  | 'plan_outdated'
  | RequestStatus;

/** One entry in the history of a request. */
export interface RequestEventEntry {
  organizationId: string;
  requestId: string;
  type: RequestEventType;
  /** The person; null where the platform did it. */
  actorId: string | null;
  message?: string | undefined;
  details?: Record<string, unknown>;
}

const MESSAGE_LIMIT = 8192;

/** Adds to the history of a request, in the transaction of what happened. */
export async function recordRequestEvent(
  trx: Transaction,
  entry: RequestEventEntry,
): Promise<void> {
  await trx('request_events').insert({
    id: uuid(),
    organization_id: entry.organizationId,
    request_id: entry.requestId,
    type: entry.type,
    actor_id: entry.actorId,
    message: entry.message?.slice(0, MESSAGE_LIMIT) ?? null,
    details: JSON.stringify(entry.details ?? {}),
  });
}
