import type { Knex } from 'knex';
import { ROLES, secureTable, systemPolicy, tenantPolicy } from './migration.ts';

/** How much may be asked for, what things cost, and how long they ran. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(quotas);
  await knex.raw(usage);
  for (const table of ['quotas', 'usage_records']) {
    await knex.raw(secureTable(table) + tenantPolicy(table) + systemPolicy(table));
  }
  for (const table of ['class_prices', 'usage_meter']) {
    await knex.raw(secureTable(table) + systemPolicy(table));
  }
  await knex.raw(`
    grant select, insert, update on quotas to ${ROLES.app};
    grant select on usage_records to ${ROLES.app};
    grant select on quotas to ${ROLES.system};
    grant select, insert, update, delete on usage_records to ${ROLES.system};
    grant select, insert on class_prices to ${ROLES.system};
    grant select, insert, update on usage_meter to ${ROLES.system};
  `);
}

/** Removes what this step made. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop index request_events_running');
  await knex.raw('drop table usage_meter, usage_records, class_prices, quotas');
}

const quotas = `
  create table quotas (
    id uuid primary key,
    organization_id uuid not null references organizations (id) on delete cascade,
    -- Null: of the organisation as a whole.
    project_id uuid,
    -- Most live requests; null: no limit.
    requests integer check (requests >= 0),
    -- The same by class: {name: most}.
    classes jsonb not null default '{}' check (jsonb_typeof(classes) = 'object'),
    monthly_cost numeric(14, 2) check (monthly_cost >= 0),
    currency text check (currency ~ '^[A-Z]{3}$'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((monthly_cost is null) = (currency is null)),
    unique nulls not distinct (organization_id, project_id),
    foreign key (organization_id, project_id)
      references projects (organization_id, id) on delete cascade
  );
`;

const usage = `
  -- What a class cost from when on, as it was seen; null: nothing.
  create table class_prices (
    class_name text not null check (length(class_name) between 1 and 63),
    valid_from timestamptz not null,
    monthly numeric(14, 2) check (monthly >= 0),
    currency text check (currency ~ '^[A-Z]{3}$'),
    check ((monthly is null) = (currency is null)),
    primary key (class_name, valid_from)
  );

  -- No foreign keys: what was used stays, whatever becomes of the request.
  create table usage_records (
    organization_id uuid not null,
    request_id uuid not null,
    -- When the hour began.
    hour timestamptz not null,
    project_id uuid not null,
    class_name text not null,
    seconds integer not null check (seconds between 1 and 3600),
    -- The price of a month at that time, and what the seconds came to.
    monthly numeric(14, 2),
    currency text,
    cost numeric(18, 8) not null default 0 check (cost >= 0),
    primary key (organization_id, request_id, hour)
  );
  create index usage_records_period on usage_records (organization_id, hour);
  create index usage_records_hour on usage_records (hour);

  -- Up to when everything is in usage_records.
  create table usage_meter (
    id boolean primary key default true check (id),
    metered_until timestamptz not null
  );

  create index request_events_running on request_events (request_id, type, created_at)
    where type in ('ready', 'deleted');
`;
