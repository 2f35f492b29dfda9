import { randomBytes } from 'node:crypto';
import { migrateToLatest } from '../../api/db/migrate.ts';
import { ROLES } from '../../migrations/migration.ts';
import { cleanTestLeftovers, startTestSession } from '../testing/test-session.ts';
import type { RoleUrls } from './bootstrap-roles.ts';
import { bootstrapRoles, execute, withDatabase } from './bootstrap-roles.ts';
import { startPostgres } from './embedded-postgres.ts';

/** A database of one test file, with the newest schema and no rows. */
export interface TestDatabase extends RoleUrls {
  /** Passes row security: for looking at what the product wrote. */
  readonly superuserUrl: string;
  drop(): Promise<void>;
}

interface TestServer {
  readonly superuserUrl: string;
  readonly roles: RoleUrls;
}

const template = 'quartermaster_template';
const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** One server for the whole run, started by whoever needs it first. */
let server: Promise<TestServer> | undefined;

/**
 * Makes a database of its own for a test: a copy of a migrated template. The server starts with the
 * first call and ends with the process.
 */
export async function createDatabase(): Promise<TestDatabase> {
  server ??= startServer();
  const { superuserUrl, roles } = await server;
  const database = `test_${randomBytes(6).toString('hex')}`;
  await execute(superuserUrl, [
    `create database ${database} template ${template} owner ${ROLES.owner}`,
    `grant connect on database ${database} to ${ROLES.app}, ${ROLES.system}`,
  ]);
  return {
    ownerUrl: withDatabase(roles.ownerUrl, database),
    appUrl: withDatabase(roles.appUrl, database),
    systemUrl: withDatabase(roles.systemUrl, database),
    superuserUrl: withDatabase(superuserUrl, database),
    drop: () => execute(superuserUrl, [`drop database if exists ${database} with (force)`]),
  };
}

async function startServer(): Promise<TestServer> {
  await cleanTestLeftovers();
  const session = startTestSession();
  const { superuserUrl } = await startPostgres({
    supervisor: session.supervisor,
    directory: session.makeDirectory('postgres'),
    settings,
  });
  const roles = await bootstrapRoles(superuserUrl, template);
  await migrateToLatest(roles.ownerUrl);
  return { superuserUrl, roles };
}
