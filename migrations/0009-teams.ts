import type { Knex } from 'knex';
import { ROLES, secureTable, systemPolicy, tenantPolicy } from './migration.ts';

const TABLES = ['teams', 'team_members'] as const;

/** Teams of people, and the projects that belong to them. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table teams (
      id uuid primary key,
      organization_id uuid not null references organizations (id) on delete cascade,
      name text not null check (length(name) between 1 and 200),
      description text check (length(description) <= 2000),
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (organization_id, id)
    );
    create unique index teams_name on teams (organization_id, lower(name));

    create table team_members (
      organization_id uuid not null,
      team_id uuid not null,
      user_id uuid not null,
      created_at timestamptz not null default now(),
      primary key (organization_id, team_id, user_id),
      foreign key (organization_id, team_id)
        references teams (organization_id, id) on delete cascade,
      foreign key (organization_id, user_id)
        references memberships (organization_id, user_id) on delete cascade
    );
    create index team_members_user on team_members (organization_id, user_id);

    alter table projects add column team_id uuid,
      -- Deleted projects may still name it; live ones keep it from being deleted.
      add constraint projects_team foreign key (organization_id, team_id)
        references teams (organization_id, id) on delete set null (team_id);
    create index projects_team on projects (organization_id, team_id) where team_id is not null;
  `);
  for (const table of TABLES) {
    await knex.raw(secureTable(table) + tenantPolicy(table) + systemPolicy(table));
  }
  await knex.raw(`
    grant select, insert, update, delete on teams to ${ROLES.app};
    grant select, insert, delete on team_members to ${ROLES.app};
    grant select on teams, team_members to ${ROLES.system};
  `);
}

/** Removes what this step made. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table projects drop column team_id');
  await knex.raw('drop table team_members, teams');
}
