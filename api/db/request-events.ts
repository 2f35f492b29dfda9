import { v7 as uuid } from 'uuid';
import type { RequestStatus } from '../policies/request-transitions.ts';
import { runTogether } from './run-together.ts';
import { defineStatement, type Statement } from './statement.ts';
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
  | 'repair_planned'
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

const insertEvent = defineStatement(
  'insert_request_event',
  `insert into request_events (id, organization_id, request_id, type, actor_id, message, details)
   values ($1, $2, $3, $4, $5, $6, $7)`,
);

/** The statement that adds to the history of a request. */
export function requestEventStatement(entry: RequestEventEntry): Statement {
  const { organizationId, requestId, type, actorId, message, details = {} } = entry;
  const text = message?.slice(0, MESSAGE_LIMIT) ?? null;
  return insertEvent(
    ...[uuid(), organizationId, requestId, type, actorId, text],
    JSON.stringify(details),
  );
}

/** Adds to the history of a request, in the transaction of what happened. */
export async function recordRequestEvent(
  trx: Transaction,
  entry: RequestEventEntry,
): Promise<void> {
  await runTogether(trx, [requestEventStatement(entry)]);
}
