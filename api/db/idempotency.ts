import type { Database } from './database.ts';
import type { Transaction } from './transaction.ts';

/** Which call a key is for: nobody else's, and no other route's, is ever found by it. */
export interface IdempotencyScope {
  organization_id: string;
  principal_id: string;
  route: string;
  key: string;
}

/** What a call asked for and was answered. */
export interface KeptAnswer {
  fingerprint: string;
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/**
 * Takes the turn for a key until the transaction ends; false while another call has it. A lock and
 * not a row: it cannot outlive a process that dies, and what it did is rolled back with it.
 */
export async function takeTurn(trx: Transaction, scope: IdempotencyScope): Promise<boolean> {
  const { organization_id, principal_id, route, key } = scope;
  const name = JSON.stringify([organization_id, principal_id, route, key]);
  const { rows } = await trx.raw<{ rows: { taken: boolean }[] }>(
    'select pg_try_advisory_xact_lock(hashtextextended(?, 7318029442)) as taken',
    [name],
  );
  return rows[0]?.taken === true;
}

/** What a call with this key was answered, unless that is too long ago. */
export async function findAnswer(
  trx: Transaction,
  scope: IdempotencyScope,
  now: Date,
): Promise<KeptAnswer | undefined> {
  return trx('idempotency_keys')
    .where(scope)
    .where('expires_at', '>', now)
    .first<KeptAnswer | undefined>('fingerprint', 'status', 'headers', 'body');
}

/** Keeps an answer, in the transaction of what was done: both are kept or neither. */
export async function keepAnswer(
  trx: Transaction,
  scope: IdempotencyScope,
  answer: KeptAnswer & { expiresAt: Date },
): Promise<void> {
  await trx('idempotency_keys')
    .insert({
      ...scope,
      fingerprint: answer.fingerprint,
      status: answer.status,
      headers: JSON.stringify(answer.headers),
      body: answer.body === undefined ? null : JSON.stringify(answer.body),
      expires_at: answer.expiresAt,
    })
    // Only a key that expired can be there.
    .onConflict(['organization_id', 'principal_id', 'route', 'key'])
    .merge();
}

/** Removes the answers that are kept for too long. @returns how many */
export async function sweepAnswers(database: Database, now: Date): Promise<number> {
  return database.withSystem('sweep kept answers', (trx) =>
    trx('idempotency_keys').where('expires_at', '<=', now).delete(),
  );
}
