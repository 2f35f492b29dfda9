import type { Knex } from 'knex';
import { ROLES } from './migration.ts';

/** Who is told that something needs approval depends on what their role may do. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`grant select on role_policies to ${ROLES.system};`);
}

/** Takes back what this step gave. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`revoke select on role_policies from ${ROLES.system};`);
}
