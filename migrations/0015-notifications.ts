import type { Knex } from 'knex';
import { ROLES, secureTable, systemPolicy, tenantPolicy } from './migration.ts';

const TABLES = ['webhooks', 'notification_deliveries'] as const;

/** Who is told of what happens to requests, and every telling of it. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(tables);
  for (const table of TABLES) {
    await knex.raw(secureTable(table) + tenantPolicy(table) + systemPolicy(table));
  }
  await knex.raw(events);
  await knex.raw(grants);
}

/** Removes the tables of this step. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index request_events_untold');
  await knex.raw('alter table request_events drop column told_at');
  await knex.raw('drop table notification_deliveries, webhooks');
}

const tables = `
  create table webhooks (
    id uuid primary key,
    organization_id uuid not null references organizations (id) on delete cascade,
    url text not null check (length(url) between 1 and 2048),
    description text check (length(description) <= 200),
    events text[] not null check (cardinality(events) between 1 and 20),
    -- Encrypted: signing needs the secret itself.
    sealed_secret text not null check (length(sealed_secret) <= 1000),
    is_enabled boolean not null default true,
    created_by uuid references users (id) on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (organization_id, id)
  );
  create index webhooks_list on webhooks (organization_id, id);

  create table notification_deliveries (
    -- Also the id of the message, which stays the same however often it is sent.
    id uuid primary key,
    organization_id uuid not null references organizations (id) on delete cascade,
    channel text not null check (channel in ('webhook', 'email')),
    webhook_id uuid,
    recipient text check (length(recipient) <= 320),
    type text not null check (length(type) between 1 and 100),
    payload jsonb not null,
    status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
    attempts integer not null default 0,
    available_at timestamptz not null default now(),
    response_status integer,
    last_error text check (length(last_error) <= 500),
    created_at timestamptz not null default now(),
    delivered_at timestamptz,
    check ((channel = 'webhook') = (webhook_id is not null)),
    check ((channel = 'email') = (recipient is not null)),
    foreign key (organization_id, webhook_id)
      references webhooks (organization_id, id) on delete cascade
  );
  create index notification_deliveries_list
    on notification_deliveries (organization_id, webhook_id, id);
  create index notification_deliveries_due
    on notification_deliveries (available_at, id) where status = 'pending';
`;

/** What happened before there were notifications is not told afterwards. */
const events = `
  alter table request_events add column told_at timestamptz default now();
  alter table request_events alter column told_at drop default;
  create index request_events_untold on request_events (id) where told_at is null;
`;

const grants = `
  grant select, insert, update, delete on webhooks to ${ROLES.app};
  grant select, update (status, available_at, attempts) on notification_deliveries to ${ROLES.app};
  grant select, update (is_enabled, updated_at) on webhooks to ${ROLES.system};
  grant select, insert, update, delete on notification_deliveries to ${ROLES.system};
  grant update (told_at) on request_events to ${ROLES.system};
`;
