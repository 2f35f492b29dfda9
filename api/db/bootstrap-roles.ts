import pg from 'pg';
import { ROLES } from '../../migrations/migration.ts';

/** Passwords of the three logins. */
export interface RolePasswords {
  owner: string;
  app: string;
  system: string;
}

/**
 * Makes the three roles, or puts them right, and lets the owner make tables in the database that
 * the URL names. Idempotent. None of them is a superuser or can bypass row level security.
 *
 * @param adminUrl connection URL of a role that may create roles
 * @param passwords the passwords that the roles get
 */
export async function bootstrapRoles(adminUrl: string, passwords: RolePasswords): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (const key of ['owner', 'app', 'system'] as const) {
      await client.query(roleStatement(client, ROLES[key], passwords[key]));
    }
    await client.query(`grant create, usage on schema public to ${ROLES.owner}`);
    await client.query('revoke create on schema public from public');
    await client.query(connectStatement(client));
  } finally {
    await client.end();
  }
}

/** Role statements take no parameters, so the values are quoted by the driver. */
function roleStatement(client: pg.Client, role: string, password: string): string {
  const options = `login nosuperuser nocreatedb nocreaterole nobypassrls noreplication
    password ${client.escapeLiteral(password)}`;
  return `do $roles$ begin
    if exists (select from pg_roles where rolname = '${role}') then
      alter role ${role} ${options};
    else
      create role ${role} ${options};
    end if;
  end $roles$`;
}

function connectStatement(client: pg.Client): string {
  const database = client.escapeIdentifier(client.database ?? 'postgres');
  return `grant connect on database ${database} to ${Object.values(ROLES).join(', ')}`;
}
