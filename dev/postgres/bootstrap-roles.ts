import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Names of the three database roles; migrations grant to them. */
export const databaseRoles = {
  owner: 'quartermaster_owner',
  app: 'quartermaster_app',
  system: 'quartermaster_system',
} as const;

/** How each of the three logs in. */
export interface RoleUrls {
  /** Owns the database; migrations only. */
  readonly ownerUrl: string;
  /** The api's requests; row security applies. */
  readonly appUrl: string;
  /** Relay, mirror and sign-in; row security applies, with policies of its own. */
  readonly systemUrl: string;
}

type RoleName = (typeof databaseRoles)[keyof typeof databaseRoles];

/**
 * Makes the three roles and the database, or gives the roles that are there new random passwords.
 * None of them is a superuser or passes row security.
 *
 * @param superuserUrl somebody who may make roles and databases
 * @param database its name
 */
export async function bootstrapRoles(
  superuserUrl: string,
  database = 'quartermaster',
): Promise<RoleUrls> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const passwords = new Map<RoleName, string>();
    for (const role of Object.values(databaseRoles))
      passwords.set(role, await ensureRole(client, role));
    await ensureDatabase(client, database);
    const url = (role: RoleName): string =>
      roleUrl(superuserUrl, { role, password: passwords.get(role) ?? '', database });
    const { owner, app, system } = databaseRoles;
    return { ownerUrl: url(owner), appUrl: url(app), systemUrl: url(system) };
  } finally {
    await client.end();
  }
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

async function ensureRole(client: pg.Client, role: RoleName): Promise<string> {
  const password = randomBytes(24).toString('hex');
  const found = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  const verb = found.rowCount === 0 ? 'create' : 'alter';
  const rights = 'login nosuperuser nobypassrls nocreatedb nocreaterole noreplication';
  // The password is hexadecimal and ours: a statement like this one takes no bound values.
  await client.query(
    `${verb} role ${client.escapeIdentifier(role)} with ${rights} password ${client.escapeLiteral(password)}`,
  );
  return password;
}

async function ensureDatabase(client: pg.Client, database: string): Promise<void> {
  const name = client.escapeIdentifier(database);
  const owner = client.escapeIdentifier(databaseRoles.owner);
  const found = await client.query('select 1 from pg_database where datname = $1', [database]);
  if (found.rowCount === 0) {
    // On a managed server only a member of a role may give it a database.
    await client.query(`grant ${owner} to current_user`);
    await client.query(`create database ${name} owner ${owner}`);
  }
  await client.query(`revoke all on database ${name} from public`);
  const users = [databaseRoles.app, databaseRoles.system].map((role) =>
    client.escapeIdentifier(role),
  );
  await client.query(`grant connect on database ${name} to ${users.join(', ')}`);
}
