import type { Knex } from 'knex';

/** A deletion that waits for an approval is a revision of its own kind. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table request_revisions
      -- What was made is to be destroyed; everything else stays as it is in force.
      add column deletes boolean not null default false;
  `);
}

/** Removes what was added. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('alter table request_revisions drop column deletes;');
}
