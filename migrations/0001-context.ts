import type { Knex } from 'knex';
import { ROLES } from './migration.ts';

/**
 * Who a transaction is for. The functions give null when nothing is set; a setting that was local
 * to an earlier transaction of the connection reads as an empty text, hence nullif.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create function current_context(name text) returns text
      language sql stable parallel safe
      return nullif(pg_catalog.current_setting('app.' || name, true), '');

    create function current_organization_id() returns uuid
      language sql stable parallel safe
      return current_context('organization_id')::uuid;

    create function current_user_id() returns uuid
      language sql stable parallel safe
      return current_context('user_id')::uuid;

    create function current_is_platform_admin() returns boolean
      language sql stable parallel safe
      return coalesce(current_context('platform_admin') = 'true', false);

    revoke execute on function current_context(text), current_organization_id(), current_user_id(),
      current_is_platform_admin() from public;
    grant execute on function current_context(text), current_organization_id(), current_user_id(),
      current_is_platform_admin() to ${ROLES.app}, ${ROLES.system};
    grant usage on schema public to ${ROLES.app}, ${ROLES.system};
  `);
}

/** Removes the functions; the tables that use them are gone by then. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop function current_is_platform_admin();
    drop function current_user_id();
    drop function current_organization_id();
    drop function current_context(text);
  `);
}
