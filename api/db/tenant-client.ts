import type { Knex } from 'knex';
import PostgresClient, {
  type OpeningTransaction,
  type PooledConnection,
  type StatementObject,
} from 'knex/lib/dialects/postgres/index.js';
import { databaseFailure } from './database-error.ts';
import { StatementNames } from './statement-names.ts';
import { TenantOpening } from './tenant-opening.ts';

/** SQLSTATE of a prepared statement whose result has another shape since a migration. */
export const CHANGED_RESULT = '0A000';

/** Settings of a transaction that is opened for a caller. */
export interface TenantTransactionConfig extends Knex.TransactionConfig {
  opening: TenantOpening;
}

/** Texts vary with the filters of lists, so there are some hundred at most. */
const names = new StatementNames(500);

/**
 * knex's client for PostgreSQL with two differences: a transaction that is given a
 * {@link TenantOpening} is opened by it, and statements with values are prepared by name.
 */
export class TenantClient extends PostgresClient {
  /** Opens a transaction; called by knex. */
  override transaction(
    container: unknown,
    config?: Knex.TransactionConfig,
    outer?: unknown,
  ): OpeningTransaction {
    const transaction = super.transaction(container, config, outer);
    if (hasOpening(config)) {
      transaction.begin = (connection) => config.opening.begin(connection);
    }
    return transaction;
  }

  /** Runs a statement; called by knex. Without values it may be several statements in one text. */
  override async _query(
    connection: PooledConnection,
    statement: StatementObject,
  ): Promise<StatementObject> {
    const hasValues = statement.bindings !== undefined && statement.bindings.length > 0;
    const name = hasValues ? names.of(statement.sql) : undefined;
    if (name !== undefined) statement.options = { ...statement.options, name };
    try {
      return await super._query(connection, statement);
    } catch (error) {
      // The pool closes the connection, and with it all that was prepared before the migration.
      if (databaseFailure(error)?.code === CHANGED_RESULT) connection.__knex__disposed = error;
      throw error;
    }
  }
}

function hasOpening(config: Knex.TransactionConfig | undefined): config is TenantTransactionConfig {
  return config !== undefined && 'opening' in config && config.opening instanceof TenantOpening;
}
