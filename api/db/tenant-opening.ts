import type { PooledConnection } from 'knex/lib/dialects/postgres/index.js';
import type { Session } from '../auth/actor.ts';
import { sendTogether } from './send-together.ts';
import { readSessionRow, sessionStatement, type SessionRow } from './session-statement.ts';
import { defineStatement } from './statement.ts';

/** What a transaction may do; the database refuses a write in one that only reads. */
export type TransactionAccess = 'read' | 'write';

/** How transactions begin. */
export const BEGIN = {
  read: defineStatement('begin_read', 'begin read only')(),
  write: defineStatement('begin_write', 'begin')(),
} as const;

/**
 * Opens the transaction of a caller in one round trip: `begin` and `begin_session` (or
 * `begin_key_session`) go to the database together, and are answered together.
 */
export class TenantOpening {
  readonly #session: Session;
  readonly #access: TransactionAccess;
  #row: SessionRow | undefined;

  constructor(session: Session, access: TransactionAccess) {
    this.#session = session;
    this.#access = access;
  }

  /** What the database said; undefined where the token or key does not hold. */
  get row(): SessionRow | undefined {
    return this.#row;
  }

  /**
   * Opens the transaction.
   *
   * @throws what the database or the connection to it says; the connection is not used again
   */
  async begin(connection: PooledConnection): Promise<void> {
    const opening = [BEGIN[this.#access], sessionStatement(this.#session)];
    try {
      const [, rows] = await sendTogether(connection, opening);
      this.#row = readSessionRow(rows);
    } catch (error) {
      // It may be in the middle of a transaction, so nobody gets it any more.
      connection.__knex__disposed = error;
      throw error;
    }
  }
}
