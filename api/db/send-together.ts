import type { PooledConnection } from 'knex/lib/dialects/postgres/index.js';
import type { Connection, Submittable } from 'pg';
import type { Row, Statement } from './statement.ts';

/** What each connection has prepared. */
const prepared = new WeakMap<PooledConnection, Set<string>>();

/**
 * Sends statements to the database together, in one message, and waits once for all their answers.
 * They run one after the other; the first that fails ends the batch, and what follows is skipped.
 *
 * @returns the rows of each statement
 * @throws what the database or the connection to it says
 */
export async function sendTogether(
  connection: PooledConnection,
  statements: readonly Statement[],
): Promise<Row[][]> {
  const known = prepared.get(connection) ?? new Set();
  prepared.set(connection, known);
  const unknown = statements.filter(({ name }) => !known.has(name));
  if (unknown.length > 0) await prepareAll(connection, unknown, known);
  return submit(connection, statements, bindAndExecute);
}

/** By itself, before anything runs: what is prepared stays so, whatever becomes of the batch. */
async function prepareAll(
  connection: PooledConnection,
  statements: readonly Statement[],
  known: Set<string>,
): Promise<void> {
  const byName = new Map(statements.map((statement) => [statement.name, statement]));
  try {
    await submit(connection, [...byName.values()], parse);
  } catch (error) {
    // Nobody knows which of them the connection has now.
    connection.__knex__disposed = error;
    throw error;
  }
  for (const name of byName.keys()) known.add(name);
}

type Send = (connection: Connection, statement: Statement) => void;

function parse(connection: Connection, { name, text }: Statement): void {
  connection.parse({ name, text, types: [] }, true);
}

/** Not described: who wrote the statement knows its columns. */
function bindAndExecute(connection: Connection, { name, values }: Statement): void {
  connection.bind({ statement: name, values: [...values] }, true);
  connection.execute(null, true);
}

function submit(
  connection: PooledConnection,
  statements: readonly Statement[],
  send: Send,
): Promise<Row[][]> {
  return new Promise((resolve, reject) => {
    connection.query(new Batch({ statements, send, resolve, reject }));
  });
}

interface BatchOptions {
  statements: readonly Statement[];
  send: Send;
  resolve: (results: Row[][]) => void;
  reject: (error: Error) => void;
}

/** What the driver sends, and hands the answers to. */
class Batch implements Submittable {
  readonly #options: BatchOptions;
  readonly #results: Row[][] = [];
  #rows: Row[] = [];

  constructor(options: BatchOptions) {
    this.#options = options;
  }

  /** Called by the driver when the connection is free. */
  submit(connection: Connection): void {
    const { statements, send } = this.#options;
    connection.stream.cork();
    try {
      for (const statement of statements) send(connection, statement);
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
  }

  /** Called by the driver for each row. */
  handleDataRow({ fields }: { fields: Row }): void {
    this.#rows.push(fields);
  }

  /** Called by the driver at the end of each statement. */
  handleCommandComplete(): void {
    this.#results.push(this.#rows);
    this.#rows = [];
  }

  /** Called by the driver when a statement fails, or the connection breaks. */
  handleError(error: Error): void {
    this.#options.reject(error);
  }

  /** Called by the driver at the end of the batch. */
  handleReadyForQuery(): void {
    this.#options.resolve(this.#results);
  }
}
