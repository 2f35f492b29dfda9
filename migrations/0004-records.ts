import type { Knex } from 'knex';
import { ROLES, secureTable, systemPolicy, tenantPolicy } from './migration.ts';

/** What must leave the database (outbox) and what must never change in it (audit log). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(outbox);
  await knex.raw(auditLog);
  for (const table of ['outbox', 'audit_log']) {
    await knex.raw(secureTable(table) + tenantPolicy(table) + systemPolicy(table));
  }
  await knex.raw(`
    grant insert on outbox to ${ROLES.app};
    grant select, insert, update, delete on outbox to ${ROLES.system};
    grant select, insert on audit_log to ${ROLES.app}, ${ROLES.system};
  `);
}

/** Removes the tables of this step. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table audit_log, outbox;
    drop function notify_outbox();
    drop function refuse_change();
  `);
}

/**
 * One row per write that Kubernetes still has to see; claimed by state with a lease, never by
 * "newer than the last one". The notification only wakes the relay, which also polls: LISTEN is
 * silent when it is cut.
 */
const outbox = `
  create table outbox (
    id uuid primary key,
    organization_id uuid not null,
    kind text not null check (length(kind) between 1 and 63),
    -- What the row is about; rows of one key are worked on in the order of their ids.
    key text not null check (length(key) between 1 and 253),
    payload jsonb not null default '{}',
    attempts integer not null default 0,
    available_at timestamptz not null default now(),
    claimed_until timestamptz,
    claimed_by text check (length(claimed_by) <= 200),
    done_at timestamptz,
    dead boolean not null default false,
    last_error text check (length(last_error) <= 2000),
    created_at timestamptz not null default now()
  );
  create index outbox_tenant on outbox (organization_id, id);
  create index outbox_open on outbox (available_at, id) where done_at is null and not dead;
  create index outbox_key on outbox (kind, key, id) where done_at is null and not dead;

  create function notify_outbox() returns trigger
    language plpgsql
    set search_path = pg_catalog
  as $$
  begin
    perform pg_notify('quartermaster_outbox', '');
    return null;
  end;
  $$;
  create trigger outbox_notify after insert on outbox
    for each statement execute function notify_outbox();
`;

/** No foreign keys: the record outlives everything that it is about. */
const auditLog = `
  create table audit_log (
    id uuid primary key,
    organization_id uuid not null,
    actor_id uuid,
    actor_kind text not null check (actor_kind in ('user', 'system')),
    actor_name text check (length(actor_name) <= 320),
    action text not null check (length(action) between 1 and 100),
    target_type text not null check (length(target_type) between 1 and 63),
    target_id text not null check (length(target_id) <= 253),
    outcome text not null default 'success' check (outcome in ('success', 'denied')),
    details jsonb not null default '{}',
    request_id text check (length(request_id) <= 200),
    address text check (length(address) <= 100),
    created_at timestamptz not null default now()
  );
  create index audit_log_list on audit_log (organization_id, id);
  create index audit_log_target on audit_log (organization_id, target_type, target_id, id);

  -- The grants refuse it to app and system; this refuses it to the owner as well.
  create function refuse_change() returns trigger
    language plpgsql
    set search_path = pg_catalog
  as $$
  begin
    raise exception 'the audit log only grows' using errcode = 'insufficient_privilege';
  end;
  $$;
  create trigger audit_log_append_only before update or delete or truncate on audit_log
    for each statement execute function refuse_change();
`;
