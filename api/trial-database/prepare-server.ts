import pg from 'pg';
import { bootstrapRoles } from '../db/bootstrap-roles.ts';
import { connect } from '../db/connect.ts';
import { waitForDatabase } from '../db/wait-for-database.ts';
import { ROLES } from '../../migrations/migration.ts';
import type { Logins } from './logins.ts';

/**
 * Waits for the server and gives it the three logins; the owner gets the database. Idempotent.
 *
 * @throws the database's last error when it does not answer in time
 */
export async function prepareServer(logins: Logins, timeoutMs: number): Promise<void> {
  const { administratorUrl, passwords } = logins;
  const waiting = connect({ url: administratorUrl, name: 'quartermaster-trial', max: 1 });
  try {
    await waitForDatabase(waiting, { timeoutMs });
  } finally {
    await waiting.destroy();
  }
  await bootstrapRoles(administratorUrl, passwords);
  await giveDatabase(administratorUrl);
}

async function giveDatabase(administratorUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: administratorUrl });
  await client.connect();
  try {
    const database = client.escapeIdentifier(client.database ?? '');
    await client.query(`alter database ${database} owner to ${ROLES.owner}`);
  } finally {
    await client.end();
  }
}
