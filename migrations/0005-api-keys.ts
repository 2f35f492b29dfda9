import type { Knex } from 'knex';
import { ROLES, secureTable, systemPolicy, tenantPolicy } from './migration.ts';

/** Keys for programs, and the session of one. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(table);
  await knex.raw(secureTable('api_keys') + tenantPolicy('api_keys') + systemPolicy('api_keys'));
  await knex.raw(grants);
  await knex.raw(beginKeySession);
  await knex.raw(actorKinds("'user', 'system', 'api_key'"));
}

/** Removes the table; lines of the audit log that keys left behind stay. */
export async function down(knex: Knex): Promise<void> {
  await knex.raw('drop function begin_key_session(text, uuid)');
  await knex.raw('drop table api_keys');
  await knex.raw(actorKinds("'user', 'system'"));
}

const table = `
  create table api_keys (
    id uuid primary key,
    organization_id uuid not null references organizations (id) on delete cascade,
    name text not null check (length(name) between 1 and 200),
    role text not null check (role in ('admin', 'developer', 'read_only')),
    -- The beginning of the key, to recognise it by.
    prefix text not null check (length(prefix) between 4 and 20),
    -- SHA-256 of 256 random bits: a fast hash does.
    key_hash text not null check (key_hash ~ '^[0-9a-f]{64}$'),
    created_by uuid not null references users (id) on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
  );
  create unique index api_keys_hash on api_keys (key_hash);
  create index api_keys_list on api_keys (organization_id, id);
`;

/** Who presents a key may see it before the organisation of the transaction is known. */
const grants = `
  create policy api_keys_presented on api_keys for select to ${ROLES.app}
    using (key_hash = (select current_context('api_key_hash')));

  grant select, insert, update (revoked_at) on api_keys to ${ROLES.app};
  grant select, update (last_used_at) on api_keys to ${ROLES.system};
`;

/**
 * Opens the transaction of a call with a key, like begin_session does for a person. A key holds
 * only while who made it is an admin of its organisation. No row: the key does not hold. A null
 * role: the call is for another organisation. No user is set for the rest of the transaction, so
 * row level security shows nothing of what its maker has elsewhere.
 */
const beginKeySession = `
  create function begin_key_session(hash text, for_organization uuid)
    returns table (user_id uuid, email text, is_admin boolean, key_id uuid, key_name text,
      organization_id uuid, role text, allow_self_approval boolean)
    language plpgsql volatile
    set search_path = public, pg_catalog
  as $$
  declare
    found_key api_keys;
  begin
    perform set_config('app.user_id', '', true), set_config('app.organization_id', '', true),
      set_config('app.role', '', true), set_config('app.platform_admin', '', true),
      set_config('app.api_key_hash', hash, true);
    select * into found_key from api_keys
      where api_keys.key_hash = hash and api_keys.revoked_at is null
        and api_keys.expires_at > now();
    perform set_config('app.api_key_hash', '', true);
    if found_key.id is null then
      return;
    end if;

    perform set_config('app.organization_id', found_key.organization_id::text, true);
    select users.email, organizations.allow_self_approval into email, allow_self_approval
      from memberships
        join users on users.id = memberships.user_id
        join organizations on organizations.id = memberships.organization_id
      where memberships.organization_id = found_key.organization_id
        and memberships.user_id = found_key.created_by and memberships.role = 'admin'
        and organizations.deleted_at is null;
    if not found then
      perform set_config('app.organization_id', '', true);
      return;
    end if;

    user_id := found_key.created_by;
    is_admin := false;
    key_id := found_key.id;
    key_name := found_key.name;
    organization_id := found_key.organization_id;
    if for_organization is null or for_organization = found_key.organization_id then
      role := found_key.role;
      perform set_config('app.role', role, true);
    else
      perform set_config('app.organization_id', '', true);
    end if;
    return next;
  end;
  $$;
  revoke execute on function begin_key_session(text, uuid) from public;
  grant execute on function begin_key_session(text, uuid) to ${ROLES.app};
`;

/** Not validated: what is in the log already was checked when it came in. */
function actorKinds(kinds: string): string {
  return `alter table audit_log drop constraint audit_log_actor_kind_check;
    alter table audit_log add constraint audit_log_actor_kind_check
      check (actor_kind in (${kinds})) not valid;`;
}
