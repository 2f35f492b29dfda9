import path from 'node:path';
import { migrateToLatest } from '../api/db/migrate.ts';
import type { RoleUrls } from './postgres/bootstrap-roles.ts';
import { bootstrapRoles, withDatabase } from './postgres/bootstrap-roles.ts';
import { startPostgres } from './postgres/embedded-postgres.ts';
import type { Say } from './processes/say.ts';
import { timed } from './processes/say.ts';
import type { Supervisor } from './processes/supervisor.ts';

/** Marks the addresses of an embedded server; a parameter that every PostgreSQL client knows. */
const EMBEDDED_APPLICATION = 'quartermaster-local';

/** The product's database, migrated, and its logins. */
export interface PreparedDatabase extends RoleUrls {
  readonly superuserUrl: string;
}

/** A server that exists, with a login that may make roles and databases, or data for our own. */
export type DatabaseServer = { readonly url: string } | { readonly dataDirectory: string };

/**
 * Starts the embedded PostgreSQL, or uses the server that is given, makes database and roles and
 * migrates to the newest schema.
 *
 * @param supervisor starts the server
 * @param server which server
 * @param say hears about it
 */
export function prepareDatabase(
  supervisor: Supervisor,
  server: DatabaseServer,
  say: Say,
): Promise<PreparedDatabase> {
  return timed(say, 'url' in server ? 'database' : 'PostgreSQL', async () => {
    const serverUrl = 'url' in server ? server.url : await startEmbedded(supervisor, server);
    const roles = await bootstrapRoles(serverUrl);
    await migrateToLatest(roles.ownerUrl);
    return { ...roles, superuserUrl: withDatabase(serverUrl, 'quartermaster') };
  });
}

/**
 * `DATABASE_URL` of the environment, unless it only comes from sourcing `.local/env`, where it names
 * an embedded server, perhaps one that has been stopped since.
 */
export function readGivenDatabaseUrl(given: string | undefined): string | undefined {
  if (!given || !URL.canParse(given)) return given === '' ? undefined : given;
  const name = new URL(given).searchParams.get('application_name');
  return name === EMBEDDED_APPLICATION ? undefined : given;
}

async function startEmbedded(
  supervisor: Supervisor,
  server: { readonly dataDirectory: string },
): Promise<string> {
  const directory = path.join(server.dataDirectory, 'postgres');
  const { superuserUrl } = await startPostgres({ supervisor, directory });
  const url = new URL(superuserUrl);
  url.searchParams.set('application_name', EMBEDDED_APPLICATION);
  return url.href;
}
