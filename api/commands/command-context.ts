import type { Actor } from '../auth/actor.ts';
import type { Transaction } from '../db/transaction.ts';
import type { RequestInfo } from '../routes/route.ts';

/** Who orders something, in which transaction and by which HTTP request. */
export interface CommandContext {
  trx: Transaction;
  actor: Actor;
  request: RequestInfo;
}
