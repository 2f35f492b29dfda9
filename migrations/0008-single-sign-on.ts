import type { Knex } from 'knex';
import { ROLES, secureTable, systemPolicy } from './migration.ts';

/** Who people are at the issuers that they sign in by, and guests who stay an hour. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table user_identities (
      issuer text not null check (length(issuer) between 1 and 500),
      subject text not null check (length(subject) between 1 and 500),
      user_id uuid not null references users (id) on delete cascade,
      created_at timestamptz not null default now(),
      primary key (issuer, subject)
    );
    create index user_identities_user on user_identities (user_id);

    -- The issuer's groups gave this membership, so they also change and end it.
    alter table memberships add column from_issuer boolean not null default false;

    alter table users add column guest_until timestamptz;
    create index users_guests on users (guest_until) where guest_until is not null;
    -- The sandbox of a guest: it goes when they go.
    alter table organizations add column guest_user_id uuid references users (id);
    create unique index organizations_guest on organizations (guest_user_id);
  `);
  await knex.raw(secureTable('user_identities') + systemPolicy('user_identities'));
  await knex.raw(`
    grant select, insert on user_identities to ${ROLES.system};
    grant update, delete on memberships to ${ROLES.system};
    grant insert, update, delete on projects to ${ROLES.system};
    grant insert on project_members to ${ROLES.system};
    grant update, delete on organizations to ${ROLES.system};
    grant delete on users, resource_requests to ${ROLES.system};
  `);
}

/** Removes what this step made. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    revoke delete on users, resource_requests from ${ROLES.system};
    revoke update, delete on organizations from ${ROLES.system};
    revoke insert on project_members from ${ROLES.system};
    revoke insert, update, delete on projects from ${ROLES.system};
    revoke update, delete on memberships from ${ROLES.system};
    alter table organizations drop column guest_user_id;
    alter table users drop column guest_until;
    alter table memberships drop column from_issuer;
    drop table user_identities;
  `);
}
