import type { Knex } from 'knex';
import { ROLES, secureTable, systemPolicy } from './migration.ts';

const SEALED_COLUMNS = [
  'id',
  'organization_id',
  'actor_id',
  'actor_kind',
  'actor_name',
  'action',
  'target_type',
  'target_id',
  'outcome',
  'details',
  'request_id',
  'address',
  'before_digest',
  'after_digest',
];

/** A chain of hashes over the audit log of each organisation. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(columns);
  await knex.raw(chain);
  for (const table of ['audit_seals', 'audit_chains', 'audit_sealing']) {
    await knex.raw(secureTable(table) + systemPolicy(table));
  }
  await knex.raw(`
    grant select, insert on audit_seals to ${ROLES.system};
    grant select, insert, update on audit_chains, audit_sealing to ${ROLES.system};

    -- When a line was written, and by which transaction, is the database's to say.
    revoke insert on audit_log from ${ROLES.app}, ${ROLES.system};
    grant insert (${SEALED_COLUMNS.join(', ')}) on audit_log to ${ROLES.app}, ${ROLES.system};
  `);
}

/** Removes what this step made. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table audit_sealing, audit_chains, audit_seals;
    revoke insert (${SEALED_COLUMNS.join(', ')}) on audit_log from ${ROLES.app}, ${ROLES.system};
    grant insert on audit_log to ${ROLES.app}, ${ROLES.system};
    alter table audit_log drop column transaction_id, drop column before_digest,
      drop column after_digest;
  `);
}

const columns = `
  alter table audit_log
    -- SHA-256 of what was, and of what is now, as canonical JSON.
    add column before_digest text check (before_digest ~ '^[0-9a-f]{64}$'),
    add column after_digest text check (after_digest ~ '^[0-9a-f]{64}$'),
    -- Says when no line can come any more that belongs before another.
    add column transaction_id xid8 not null default pg_current_xact_id();
  create index audit_log_sealing on audit_log (transaction_id, id);
`;

const chain = `
  create table audit_seals (
    organization_id uuid not null,
    sequence bigint not null check (sequence >= 1),
    record_id uuid not null unique,
    -- SHA-256 of the hash before it and the line.
    hash text not null check (hash ~ '^[0-9a-f]{64}$'),
    sealed_at timestamptz not null default now(),
    primary key (organization_id, sequence)
  );
  create trigger audit_seals_append_only before update or delete or truncate on audit_seals
    for each statement execute function refuse_change();

  -- Where each chain ends.
  create table audit_chains (
    organization_id uuid primary key,
    sequence bigint not null,
    hash text not null
  );

  -- Lines of transactions before this one are sealed.
  create table audit_sealing (
    id boolean primary key default true check (id),
    sealed_before xid8 not null
  );
`;
