import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { bootstrapRoles as putRolesRight } from '../../api/db/bootstrap-roles.ts';
import { ROLES } from '../../migrations/migration.ts';

/** How each of the three database roles logs in. */
export interface RoleUrls {
  /** Owns the database; migrations only. */
  readonly ownerUrl: string;
  /** The api's requests; row security applies. */
  readonly appUrl: string;
  /** Relay, mirror and sign-in; row security applies, with policies of its own. */
  readonly systemUrl: string;
}

/**
 * Makes the database and the three roles, or gives roles that are there new random passwords.
 *
 * @param superuserUrl somebody who may make roles and databases
 * @param database its name
 */
export async function bootstrapRoles(
  superuserUrl: string,
  database = 'quartermaster',
): Promise<RoleUrls> {
  const passwords = { owner: newPassword(), app: newPassword(), system: newPassword() };
  const name = pg.escapeIdentifier(database);
  if (!(await hasDatabase(superuserUrl, database))) {
    await execute(superuserUrl, [`create database ${name}`]);
  }
  await putRolesRight(withDatabase(superuserUrl, database), passwords);
  await execute(superuserUrl, [
    // On a managed server only a member of a role may give it a database.
    `grant ${ROLES.owner} to current_user`,
    `alter database ${name} owner to ${ROLES.owner}`,
  ]);
  const url = (key: keyof typeof ROLES): string =>
    roleUrl(superuserUrl, { role: ROLES[key], password: passwords[key], database });
  return { ownerUrl: url('owner'), appUrl: url('app'), systemUrl: url('system') };
}

/** The same server, another login and database. */
export function roleUrl(
  serverUrl: string,
  login: { readonly role: string; readonly password: string; readonly database: string },
): string {
  const url = new URL(serverUrl);
  url.username = login.role;
  url.password = login.password;
  url.pathname = `/${login.database}`;
  return url.href;
}

/** The same server and login, another database. */
export function withDatabase(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** Runs statements one after another, each on its own. */
export async function execute(url: string, statements: readonly string[]): Promise<void> {
  await withClient(url, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

function hasDatabase(url: string, database: string): Promise<boolean> {
  return withClient(url, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [database]);
    return (found.rowCount ?? 0) > 0;
  });
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function newPassword(): string {
  return randomBytes(24).toString('hex');
}
