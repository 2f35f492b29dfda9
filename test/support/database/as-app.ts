import pg from 'pg';

/** Opens a connection; close it with `end`. */
export async function openClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** Whom a transaction is for; empty: for nobody. */
export interface Context {
  organization_id?: string;
  user_id?: string;
  platform_admin?: string;
}

/** Runs work in a transaction for somebody, and takes everything back. */
export async function rolledBack<T>(
  client: pg.Client,
  context: Context,
  work: () => Promise<T>,
): Promise<T> {
  await client.query('begin');
  try {
    for (const [name, value] of Object.entries(context)) {
      await client.query('select set_config($1, $2, true)', [`app.${name}`, value]);
    }
    return await work();
  } finally {
    await client.query('rollback');
  }
}

/** What came of a statement: how many rows it touched, or in which words it was refused. */
export type Outcome = number | 'no privilege' | 'row security';

/** Runs a statement and says what came of it; other errors are thrown on. */
export async function outcomeOf(
  client: pg.Client,
  statement: string,
  values: unknown[] = [],
): Promise<Outcome> {
  try {
    return (await client.query(statement, values)).rowCount ?? 0;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== '42501') throw error;
    return error.message.includes('row-level security') ? 'row security' : 'no privilege';
  }
}
