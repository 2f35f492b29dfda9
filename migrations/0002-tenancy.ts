import type { Knex } from 'knex';
import { ROLES, secureTable, systemPolicy, tenantPolicy } from './migration.ts';

const TABLES = ['users', 'organizations', 'memberships', 'projects', 'project_members'] as const;

/** People, organisations, and the projects that resources live in. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(tables);
  for (const table of [...TABLES, 'refresh_tokens']) {
    await knex.raw(secureTable(table) + systemPolicy(table));
  }
  for (const table of ['memberships', 'projects', 'project_members']) {
    await knex.raw(tenantPolicy(table));
  }
  await knex.raw(policies);
  await knex.raw(grants);
  await knex.raw(beginSession);
}

/** Removes the tables of this step. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop function begin_session(uuid, uuid, integer)');
  await knex.raw('drop table refresh_tokens, project_members, projects, memberships cascade');
  await knex.raw('drop table organizations, users cascade');
}

const tables = `
  create table users (
    id uuid primary key,
    email text not null check (email = lower(email) and length(email) between 3 and 320),
    name text check (length(name) <= 200),
    password_hash text,
    is_admin boolean not null default false,
    -- Raised when a role, a membership or the password changes: older access tokens end at once.
    token_version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create unique index users_email on users (email);

  create table organizations (
    id uuid primary key,
    name text not null check (length(name) between 1 and 200),
    slug text not null check (slug ~ '^[a-z]([-a-z0-9]*[a-z0-9]|)$' and length(slug) <= 40),
    allow_self_approval boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz
  );
  create unique index organizations_slug on organizations (slug) where deleted_at is null;

  create table memberships (
    organization_id uuid not null references organizations (id) on delete cascade,
    user_id uuid not null references users (id) on delete cascade,
    role text not null check (role in ('admin', 'approver', 'developer', 'read_only')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (organization_id, user_id)
  );
  create index memberships_user on memberships (user_id);

  create table projects (
    id uuid primary key,
    organization_id uuid not null references organizations (id) on delete restrict,
    name text not null check (length(name) between 1 and 200),
    slug text not null check (slug ~ '^[a-z0-9]([-a-z0-9]*[a-z0-9]|)$' and length(slug) <= 40),
    namespace text not null check (length(namespace) <= 63),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    unique (organization_id, id)
  );
  create unique index projects_slug on projects (organization_id, slug) where deleted_at is null;
  create unique index projects_namespace on projects (namespace) where deleted_at is null;

  create table project_members (
    organization_id uuid not null,
    project_id uuid not null,
    user_id uuid not null,
    created_at timestamptz not null default now(),
    primary key (organization_id, project_id, user_id),
    foreign key (organization_id, project_id)
      references projects (organization_id, id) on delete cascade,
    foreign key (organization_id, user_id)
      references memberships (organization_id, user_id) on delete cascade
  );

  create table refresh_tokens (
    id uuid primary key,
    -- All tokens that descend from one sign-in; reuse of a spent one ends them all.
    family_id uuid not null,
    user_id uuid not null references users (id) on delete cascade,
    organization_id uuid references organizations (id) on delete cascade,
    token_hash text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    revoked_at timestamptz
  );
  create unique index refresh_tokens_hash on refresh_tokens (token_hash);
  create index refresh_tokens_family on refresh_tokens (family_id);
  create index refresh_tokens_user on refresh_tokens (user_id);
`;

/** What the app may see beyond the plain tenant rule. */
const policies = `
  create policy memberships_own on memberships for select to ${ROLES.app}
    using (user_id = (select current_user_id()));

  -- Oneself, and the people of the organisation that the transaction is for.
  create policy users_visible on users to ${ROLES.app}
    using (
      id = (select current_user_id())
      or exists (
        select from memberships
        where memberships.organization_id = (select current_organization_id())
          and memberships.user_id = users.id
      )
    );

  create policy organizations_visible on organizations for select to ${ROLES.app}
    using (
      id = (select current_organization_id())
      or (select current_is_platform_admin())
      or exists (
        select from memberships
        where memberships.organization_id = organizations.id
          and memberships.user_id = (select current_user_id())
      )
    );
  create policy organizations_update on organizations for update to ${ROLES.app}
    using (id = (select current_organization_id()))
    with check (id = (select current_organization_id()));
`;

const grants = `
  grant select (id, email, name, is_admin, token_version, created_at, updated_at),
    update (token_version, updated_at) on users to ${ROLES.app};
  grant select, update (name, allow_self_approval, updated_at, deleted_at) on organizations
    to ${ROLES.app};
  grant select, insert, update, delete on memberships to ${ROLES.app};
  grant select, insert, update on projects to ${ROLES.app};
  grant select, insert, delete on project_members to ${ROLES.app};

  grant select, insert, update on users to ${ROLES.system};
  grant select, insert on organizations to ${ROLES.system};
  grant select, insert on memberships to ${ROLES.system};
  grant select on projects, project_members to ${ROLES.system};
  grant select, insert, update, delete on refresh_tokens to ${ROLES.system};
`;

/**
 * Opens a request's transaction in one round trip: sets who it is for, and says whether the
 * access token still holds. No row: the token is out of date. A null role: not a member.
 * Security invoker: what it reads, the policies let it read.
 */
const beginSession = `
  create function begin_session(for_user uuid, for_organization uuid, for_version integer)
    returns table (email text, is_admin boolean, role text, allow_self_approval boolean)
    language plpgsql volatile
    set search_path = public, pg_catalog
  as $$
  begin
    perform set_config('app.user_id', for_user::text, true),
      set_config('app.organization_id', '', true),
      set_config('app.role', '', true),
      set_config('app.platform_admin', '', true);

    select users.email, users.is_admin into email, is_admin
      from users where users.id = for_user and users.token_version = for_version;
    if not found then
      perform set_config('app.user_id', '', true);
      return;
    end if;
    perform set_config('app.platform_admin', is_admin::text, true);

    select memberships.role, organizations.allow_self_approval into role, allow_self_approval
      from memberships join organizations on organizations.id = memberships.organization_id
      where memberships.user_id = for_user and memberships.organization_id = for_organization
        and organizations.deleted_at is null;
    if found then
      perform set_config('app.organization_id', for_organization::text, true),
        set_config('app.role', role, true);
    end if;
    return next;
  end;
  $$;
  revoke execute on function begin_session(uuid, uuid, integer) from public;
  grant execute on function begin_session(uuid, uuid, integer) to ${ROLES.app};
`;
