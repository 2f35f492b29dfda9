/** What we use of knex's client for PostgreSQL, which its own types do not describe. */
declare module 'knex/lib/dialects/postgres/index.js' {
  import type { Knex } from 'knex';
  import type { Client as Connection } from 'pg';

  /** A connection as knex pools it. */
  export interface PooledConnection extends Connection {
    /** Set: the pool closes the connection instead of giving it out again. */
    __knex__disposed?: unknown;
  }

  /** A statement on its way to the driver. */
  export interface StatementObject {
    sql: string;
    bindings?: readonly unknown[];
    /** Merged into what the driver gets. */
    options?: Record<string, unknown>;
  }

  /** A transaction that is being opened; the rest of it is knex's own business. */
  export interface OpeningTransaction extends Knex.Transaction {
    begin(connection: PooledConnection): PromiseLike<unknown>;
  }

  export default class PostgresClient extends Knex.Client {
    transaction(
      container: unknown,
      config?: Knex.TransactionConfig,
      outer?: unknown,
    ): OpeningTransaction;
    acquireConnection(): Promise<PooledConnection>;
    releaseConnection(connection: PooledConnection): Promise<void>;
    /** Runs a statement on a connection; the same object comes back, with its response. */
    _query(connection: PooledConnection, statement: StatementObject): Promise<StatementObject>;
  }
}
