import type { Knex } from 'knex';

/**
 * Several approvers for one revision, the end of an approval, and requests that were made in the
 * cluster.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table request_revisions
      -- How many people the class wants (0: nobody), and who has agreed so far: [{by, email, at, comment}].
      add column approvers smallint not null default 1 check (approvers between 0 and 10),
      add column approvals jsonb not null default '[]',
      -- Of a resource that was made in the cluster; it is part of what is approved.
      add column deletion_policy text check (deletion_policy in ('Delete', 'Retain'));

    alter table resource_requests
      -- Who the resource says asked for it, {id, name}: a claim, which nobody checked.
      add column claimed_requester jsonb,
      -- After it, the approval of the revision in force starts nothing new.
      add column approval_expires_at timestamptz;

    -- However many replicas see a resource, it is one request.
    create unique index resource_requests_imported on resource_requests
      (organization_id, resource_uid)
      where origin = 'cluster' and status not in ('rejected', 'cancelled', 'deleted');
  `);
}

/** Removes what was added. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop index resource_requests_imported;
    alter table resource_requests drop column approval_expires_at,
      drop column claimed_requester;
    alter table request_revisions drop column deletion_policy, drop column approvals,
      drop column approvers;
  `);
}
