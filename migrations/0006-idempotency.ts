import type { Knex } from 'knex';
import { ROLES, secureTable, systemPolicy, tenantPolicy } from './migration.ts';

/** What creating calls answered, for clients that repeat them. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table idempotency_keys (
      organization_id uuid not null references organizations (id) on delete cascade,
      -- The person or the key that called.
      principal_id uuid not null,
      route text not null check (length(route) <= 200),
      key text not null check (length(key) between 1 and 255),
      -- SHA-256 of path and body.
      fingerprint text not null check (length(fingerprint) = 64),
      status integer not null,
      headers json not null,
      -- Not jsonb, which would change the order of the fields.
      body json,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      primary key (organization_id, principal_id, route, key)
    );
    create index idempotency_keys_expiry on idempotency_keys (expires_at);
  `);
  const table = 'idempotency_keys';
  await knex.raw(secureTable(table) + tenantPolicy(table) + systemPolicy(table));
  await knex.raw(`
    grant select, insert, update on idempotency_keys to ${ROLES.app};
    grant select, delete on idempotency_keys to ${ROLES.system};
  `);
}

/** Removes the table. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table idempotency_keys');
}
