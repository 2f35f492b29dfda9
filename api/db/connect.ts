import knex, { type Knex } from 'knex';
import type { Logger } from '../../lib/logger.ts';

/** Settings of {@link connect}. */
export interface ConnectOptions {
  url: string;
  /** Shown in pg_stat_activity. */
  name: string;
  /** Most connections at once. */
  max: number;
  /** Takes what knex has to say; without it knex writes to standard error. */
  log?: Logger;
  /** How it talks to the database; knex's own way unless it is said. */
  client?: typeof Knex.Client;
}

/**
 * A pool of connections; nothing is opened before the first query.
 *
 * @param options where to, as whom, and how many
 */
export function connect(options: ConnectOptions): Knex {
  return knex({
    client: options.client ?? 'pg',
    connection: {
      connectionString: options.url,
      application_name: options.name,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 30_000,
      idle_in_transaction_session_timeout: 60_000,
    },
    pool: { min: 0, max: options.max, acquireTimeoutMillis: 10_000 },
    ...(options.log ? { log: toKnexLogger(options.log) } : {}),
  });
}

/** What knex reports is reported again by whoever ran the query, so it is never an error here. */
function toKnexLogger(log: Logger): Knex.Logger {
  const warn = (message: unknown): void => log.warn('the database driver', { report: message });
  return {
    warn,
    error: warn,
    deprecate: (method, alternative) => warn(`${method} is deprecated, use ${alternative}`),
    debug: (message: unknown) => log.debug('the database driver', { report: message }),
    enableColors: false,
  };
}
