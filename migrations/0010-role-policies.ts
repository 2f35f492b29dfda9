import type { Knex } from 'knex';
import { ROLES, secureTable, systemPolicy, tenantPolicy } from './migration.ts';

/** What an organisation lets its roles do, where it says so itself. */
export async function up(knex: Knex): Promise<void> {
  const table = 'role_policies';
  await knex.raw(`
    create table role_policies (
      organization_id uuid not null references organizations (id) on delete cascade,
      role text not null check (role in ('admin', 'approver', 'developer', 'read_only')),
      permissions jsonb not null check (jsonb_typeof(permissions) = 'array'),
      updated_by uuid references users (id) on delete set null,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (organization_id, role)
    );
  `);
  await knex.raw(secureTable(table) + tenantPolicy(table) + systemPolicy(table));
  await knex.raw(`grant select, insert, update on role_policies to ${ROLES.app};`);
  await knex.raw(sessionPermissions);
}

/** Removes what this step made. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop function session_permissions(text)');
  await knex.raw('drop table role_policies');
}

/**
 * What the organisation of the transaction lets a role do; null where it says nothing. It is asked
 * in the statement that opens a session, with the role that this gives: no further round trip.
 */
const sessionPermissions = `
  create function session_permissions(for_role text) returns jsonb
    language plpgsql volatile
    set search_path = public, pg_catalog
  as $$
  begin
    return (
      select role_policies.permissions from role_policies
        where role_policies.organization_id = current_organization_id()
          and role_policies.role = for_role
    );
  end;
  $$;
  revoke execute on function session_permissions(text) from public;
  grant execute on function session_permissions(text) to ${ROLES.app};
`;
