import type { Knex } from 'knex';
import { ROLES, secureTable, systemPolicy, tenantPolicy } from './migration.ts';

const SYSTEM_TABLES = ['password_resets', 'mail_queue', 'sign_in_failures'] as const;

/** Invitations, passwords that were forgotten, mail on its way, and sign-ins that failed. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(columns);
  await knex.raw(tables);
  await knex.raw(
    secureTable('invitations') + tenantPolicy('invitations') + systemPolicy('invitations'),
  );
  for (const table of SYSTEM_TABLES) await knex.raw(secureTable(table) + systemPolicy(table));
  await knex.raw(queueOfInvitations);
  await knex.raw(grants);
}

/** Removes the tables of this step. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table sign_in_failures, mail_queue, password_resets, invitations');
  await knex.raw('alter table users drop column email_verified_at');
}

const columns = `
  -- When they showed that mail to the address reaches them; null: never.
  alter table users add column email_verified_at timestamptz;
  grant select (email_verified_at) on users to ${ROLES.app};
`;

const tables = `
  create table invitations (
    id uuid primary key,
    organization_id uuid not null references organizations (id) on delete cascade,
    email text not null check (email = lower(email) and length(email) between 3 and 320),
    role text not null check (role in ('admin', 'approver', 'developer', 'read_only')),
    -- SHA-256 of 256 random bits, of the newest mail; null before the first one is sent.
    token_hash text check (token_hash ~ '^[0-9a-f]{64}$'),
    invited_by uuid references users (id) on delete set null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    accepted_at timestamptz,
    revoked_at timestamptz
  );
  create index invitations_list on invitations (organization_id, id);
  create unique index invitations_token on invitations (token_hash);
  create unique index invitations_open on invitations (organization_id, email)
    where accepted_at is null and revoked_at is null;

  create table password_resets (
    token_hash text primary key check (token_hash ~ '^[0-9a-f]{64}$'),
    user_id uuid not null references users (id) on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  );
  create index password_resets_user on password_resets (user_id);

  -- What is to be sent. The secret of a link is made when the mail is: it never rests here.
  create table mail_queue (
    id uuid primary key,
    kind text not null check (kind in ('invitation', 'password_reset')),
    recipient text not null check (length(recipient) <= 320),
    -- The invitation; it says which organisation the row is of.
    invitation_id uuid references invitations (id) on delete cascade,
    organization_id uuid references organizations (id) on delete cascade,
    attempts integer not null default 0,
    available_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    check ((kind = 'invitation') = (invitation_id is not null and organization_id is not null))
  );
  create unique index mail_queue_once on mail_queue (kind, recipient, invitation_id)
    nulls not distinct;
  create index mail_queue_open on mail_queue (available_at);

  -- Of an account or an address, by their SHA-256; also of accounts that do not exist.
  create table sign_in_failures (
    subject text primary key check (length(subject) between 1 and 100),
    failures integer not null,
    last_at timestamptz not null,
    blocked_until timestamptz not null
  );
  create index sign_in_failures_age on sign_in_failures (last_at);
`;

/** A member's transaction may ask for the mail of an invitation of its organisation, and no more. */
const queueOfInvitations = `
  create policy mail_queue_invite on mail_queue for insert to ${ROLES.app}
    with check (kind = 'invitation' and organization_id = (select current_organization_id()));
`;

const grants = `
  grant select, insert, update (revoked_at) on invitations to ${ROLES.app};
  grant insert on mail_queue to ${ROLES.app};

  grant select, update on invitations to ${ROLES.system};
  grant select, insert, update, delete on password_resets, mail_queue, sign_in_failures
    to ${ROLES.system};
`;
