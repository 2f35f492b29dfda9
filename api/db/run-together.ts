import { databaseFailure } from './database-error.ts';
import { sendTogether } from './send-together.ts';
import type { Row, Statement } from './statement.ts';
import { CHANGED_RESULT, type TenantClient } from './tenant-client.ts';
import type { Transaction } from './transaction.ts';

/**
 * Runs statements of a transaction in one round trip, one after the other. When one fails the
 * transaction can only be rolled back, as ever.
 *
 * @returns the rows of each statement
 * @throws what the database or the connection to it says
 */
export async function runTogether(
  trx: Transaction,
  statements: readonly Statement[],
): Promise<Row[][]> {
  // The connection may be somebody else's by then.
  if (trx.isCompleted()) throw new TypeError('the transaction is over');
  const connection = await (trx.client as TenantClient).acquireConnection();
  try {
    return await sendTogether(connection, statements);
  } catch (error) {
    // The pool closes the connection, and with it all that was prepared before a migration.
    if (databaseFailure(error)?.code === CHANGED_RESULT) connection.__knex__disposed = error;
    throw error;
  }
}
