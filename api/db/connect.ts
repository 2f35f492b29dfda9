import knex, { type Knex } from 'knex';

/** Settings of {@link connect}. */
export interface ConnectOptions {
  url: string;
  /** Shown in pg_stat_activity. */
  name: string;
  /** Most connections at once. */
  max: number;
}

/**
 * A pool of connections; nothing is opened before the first query.
 *
 * @param options where to, as whom, and how many
 */
export function connect(options: ConnectOptions): Knex {
  return knex({
    client: 'pg',
    connection: {
      connectionString: options.url,
      application_name: options.name,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 30_000,
      idle_in_transaction_session_timeout: 60_000,
    },
    pool: { min: 0, max: options.max, acquireTimeoutMillis: 10_000 },
  });
}
