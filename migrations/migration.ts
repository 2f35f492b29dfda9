import type { Knex } from 'knex';

/** One step of the schema; both directions run in a transaction, as the owner. */
export interface Migration {
  name: string;
  readonly up: (knex: Knex) => Promise<void>;
  readonly down: (knex: Knex) => Promise<void>;
}

/** The three roles; made before the first migration, see api/db/bootstrap-roles.ts. */
export const ROLES = {
  owner: 'quartermaster_owner',
  app: 'quartermaster_app',
  system: 'quartermaster_system',
} as const;

/** Row level security switched on, for the owner of the table too. */
export function secureTable(table: string): string {
  return `alter table ${table} enable row level security;
    alter table ${table} force row level security;`;
}

/**
 * The policy of an ordinary tenant table: the app sees and writes the rows of the organisation
 * that its transaction is for. An unset organisation is null, which equals nothing.
 */
export function tenantPolicy(table: string): string {
  return `create policy ${table}_tenant on ${table} to ${ROLES.app}
    using (organization_id = (select current_organization_id()))
    with check (organization_id = (select current_organization_id()));`;
}

/** The policy of the system role, which works across tenants; what it may do is in the grants. */
export function systemPolicy(table: string): string {
  return `create policy ${table}_system on ${table} to ${ROLES.system} using (true) with check (true);`;
}
