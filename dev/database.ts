import path from 'node:path';
import { migrateToLatest } from '../api/db/migrate.ts';
import { readEnvironmentFile } from './environment-file.ts';
import { dataDirectory } from './paths.ts';
import type { RoleUrls } from './postgres/bootstrap-roles.ts';
import { bootstrapRoles, withDatabase } from './postgres/bootstrap-roles.ts';
import { startPostgres } from './postgres/embedded-postgres.ts';
import type { Say } from './processes/say.ts';
import { timed } from './processes/say.ts';
import type { Supervisor } from './processes/supervisor.ts';

/** The product's database, migrated, and its logins. */
export interface PreparedDatabase extends RoleUrls {
  readonly superuserUrl: string;
}

/**
 * Starts the embedded PostgreSQL, or uses the server that is given, makes database and roles and
 * migrates to the newest schema.
 *
 * @param supervisor starts the server
 * @param databaseUrl a server that exists; must be allowed to make roles and databases
 * @param say hears about it
 */
export function prepareDatabase(
  supervisor: Supervisor,
  databaseUrl: string | undefined,
  say: Say,
): Promise<PreparedDatabase> {
  return timed(say, databaseUrl ? 'database' : 'PostgreSQL', async () => {
    const serverUrl = databaseUrl ?? (await startEmbedded(supervisor));
    const roles = await bootstrapRoles(serverUrl);
    await migrateToLatest(roles.ownerUrl);
    return { ...roles, superuserUrl: withDatabase(serverUrl, 'quartermaster') };
  });
}

/**
 * `DATABASE_URL` of the environment, unless it only comes from sourcing `.local/env`, where it names
 * the embedded server itself.
 */
export function readGivenDatabaseUrl(): string | undefined {
  const given = process.env['DATABASE_URL'];
  if (!given || given === readEnvironmentFile()['DATABASE_URL']) return undefined;
  return given;
}

async function startEmbedded(supervisor: Supervisor): Promise<string> {
  const directory = path.join(dataDirectory(), 'postgres');
  const { superuserUrl } = await startPostgres({ supervisor, directory });
  return superuserUrl;
}
