import type { Knex } from 'knex';
import { ROLES, secureTable, systemPolicy, tenantPolicy } from './migration.ts';

/** Leave to see the credentials of a request once, for one person or key, for a few minutes. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table credential_grants (
      id uuid primary key,
      organization_id uuid not null,
      request_id uuid not null,
      -- The person or the key that it was given to.
      principal_id uuid not null,
      -- SHA-256 of 256 random bits: a fast hash does.
      token_hash text not null check (token_hash ~ '^[0-9a-f]{64}$'),
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      used_at timestamptz,
      foreign key (organization_id, request_id)
        references resource_requests (organization_id, id) on delete cascade
    );
    create unique index credential_grants_token on credential_grants (organization_id, token_hash);
    create index credential_grants_request on credential_grants (organization_id, request_id);
  `);
  const table = 'credential_grants';
  await knex.raw(secureTable(table) + tenantPolicy(table) + systemPolicy(table));
  await knex.raw(`grant select, insert, update (used_at), delete on ${table} to ${ROLES.app};`);
}

/** Removes the table. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table credential_grants');
}
