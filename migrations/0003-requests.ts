import type { Knex } from 'knex';
import { ROLES, secureTable, systemPolicy, tenantPolicy } from './migration.ts';

const TABLES = ['resource_requests', 'request_revisions', 'request_events', 'runs'] as const;

/** What teams ask for, every version of it, what happened to it, and the runs that it led to. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(requests);
  await knex.raw(history);
  for (const table of TABLES) {
    await knex.raw(secureTable(table) + tenantPolicy(table) + systemPolicy(table));
  }
  await knex.raw(grants);
}

/** Removes the tables of this step. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop table runs, request_events, request_revisions, resource_requests');
}

const requests = `
  create table resource_requests (
    id uuid primary key,
    organization_id uuid not null references organizations (id) on delete restrict,
    project_id uuid not null,
    class_name text not null check (length(class_name) between 1 and 63),
    name text not null check (name ~ '^[a-z]([-a-z0-9]*[a-z0-9]|)$' and length(name) <= 40),
    parameters jsonb not null default '{}',
    reason text check (length(reason) <= 2000),
    origin text not null default 'api' check (origin in ('api', 'cluster')),
    status text not null default 'pending' check (status in ('pending', 'approved',
      'provisioning', 'ready', 'failed', 'rejected', 'cancelled', 'deleting', 'deleted')),
    -- The revision in force, and the one that waits for approval, if any.
    revision integer not null default 1 check (revision >= 1),
    pending_revision integer check (pending_revision > revision),
    requested_by uuid references users (id) on delete set null,
    decided_by uuid references users (id) on delete set null,
    decided_at timestamptz,
    decision_comment text check (length(decision_comment) <= 2000),
    resource_namespace text check (length(resource_namespace) <= 63),
    resource_name text check (length(resource_name) <= 63),
    resource_uid text check (length(resource_uid) <= 128),
    -- Copied from the custom resource; observed_version keeps an older copy from winning.
    observed_version text check (length(observed_version) <= 128),
    conditions jsonb not null default '[]',
    outputs jsonb not null default '{}',
    credentials jsonb,
    failure jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (organization_id, id),
    foreign key (organization_id, project_id) references projects (organization_id, id)
  );
  -- A name is free again once its request is over.
  create unique index resource_requests_live_name on resource_requests
    (organization_id, project_id, name) where status not in ('rejected', 'cancelled', 'deleted');
  create index resource_requests_status on resource_requests
    (organization_id, status, id);
  create index resource_requests_resource on resource_requests
    (resource_namespace, resource_name) where resource_name is not null;
`;

const history = `
  create table request_revisions (
    id uuid primary key,
    organization_id uuid not null,
    request_id uuid not null,
    revision integer not null check (revision >= 1),
    class_name text not null,
    class_digest text check (length(class_digest) <= 80),
    inputs_digest text check (length(inputs_digest) <= 80),
    parameters jsonb not null,
    reason text check (length(reason) <= 2000),
    status text not null default 'pending'
      check (status in ('pending', 'approved', 'rejected', 'superseded', 'cancelled')),
    requested_by uuid references users (id) on delete set null,
    decided_by uuid references users (id) on delete set null,
    decided_at timestamptz,
    decision_comment text check (length(decision_comment) <= 2000),
    -- The signed statement (compact JWS). A signature, not a secret.
    approval text check (length(approval) <= 8192),
    created_at timestamptz not null default now(),
    unique (organization_id, request_id, revision),
    foreign key (organization_id, request_id)
      references resource_requests (organization_id, id) on delete cascade
  );

  create table request_events (
    id uuid primary key,
    organization_id uuid not null,
    request_id uuid not null,
    type text not null check (length(type) between 1 and 100),
    actor_id uuid references users (id) on delete set null,
    message text check (length(message) <= 8192),
    details jsonb not null default '{}',
    created_at timestamptz not null default now(),
    foreign key (organization_id, request_id)
      references resource_requests (organization_id, id) on delete cascade
  );
  create index request_events_list on request_events (organization_id, request_id, id);

  create table runs (
    id uuid primary key,
    organization_id uuid not null,
    request_id uuid not null,
    name text not null check (length(name) <= 253),
    uid text not null check (length(uid) <= 128),
    action text not null check (action in ('Plan', 'Apply', 'Destroy', 'Check')),
    attempt integer not null check (attempt >= 1),
    status text not null check (status in ('pending', 'running', 'succeeded', 'failed')),
    changes jsonb,
    failure jsonb,
    started_at timestamptz,
    finished_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (organization_id, uid),
    foreign key (organization_id, request_id)
      references resource_requests (organization_id, id) on delete cascade
  );
  create index runs_list on runs (organization_id, request_id, id);
`;

const grants = `
  grant select, insert, update on resource_requests, request_revisions to ${ROLES.app};
  grant select, insert on request_events to ${ROLES.app};
  grant select on runs to ${ROLES.app};
  grant select, insert, update on resource_requests, request_revisions, runs to ${ROLES.system};
  grant select, insert on request_events to ${ROLES.system};
`;
