import type { Knex } from 'knex';

/** The plan of a revision: what would be done, which is what its approvers agree to. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table request_revisions
      -- Null where the class wants no plan.
      add column plan_status text
        check (plan_status in ('planning', 'ready', 'failed', 'outdated')),
      -- How often one was ordered; with request and revision it names the run.
      add column plan_attempt integer not null default 0 check (plan_attempt >= 0),
      add column plan_run text check (length(plan_run) <= 253),
      -- Of the plan file; it stands in the approval.
      add column plan_digest text check (length(plan_digest) <= 80),
      -- Of what it was made for: class, name and parameters.
      add column plan_inputs_digest text check (length(plan_inputs_digest) <= 80),
      add column plan_changes jsonb,
      -- As people may see it; masked by the runner.
      add column plan_document jsonb,
      add column plan_failure jsonb,
      -- When it came to this status.
      add column plan_at timestamptz;

    create index request_revisions_planned on request_revisions (organization_id, request_id)
      where status = 'pending' and plan_status is not null;
  `);
}

/** Removes what was added. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop index request_revisions_planned;
    alter table request_revisions drop column plan_at, drop column plan_failure,
      drop column plan_document, drop column plan_changes, drop column plan_inputs_digest,
      drop column plan_digest, drop column plan_run, drop column plan_attempt,
      drop column plan_status;
  `);
}
