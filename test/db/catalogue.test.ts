import { expect } from 'chai';
import type pg from 'pg';
import { createDatabase, type TestDatabase } from '../../dev/postgres/test-server.ts';
import { openClient, outcomeOf } from '../support/database/as-app.ts';
import { insertTenant } from '../support/database/tenant-rows.ts';

/** Tables of the migrations themselves. */
const BOOKKEEPING = ['schema_migrations', 'schema_migrations_lock'];

describe('the database catalogue', () => {
  let database: TestDatabase;
  let root: pg.Client;
  before(async () => {
    database = await createDatabase();
    root = await openClient(database.superuserUrl);
    await insertTenant(root);
  });
  after(async () => {
    await root.end();
    await database.drop();
  });

  const rows = async (query: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
    (await root.query<Record<string, unknown>>(query, values)).rows;

  it('has row level security on, forced and with policies, on every table', async () => {
    const bare = await rows(
      `select relname from pg_class
       where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
         and relname <> all ($1)
         and not (relrowsecurity and relforcerowsecurity
           and exists (select from pg_policy where polrelid = pg_class.oid))`,
      [BOOKKEEPING],
    );
    expect(bare).to.deep.equal([]);
  });

  it('names a role in every policy', async () => {
    const open = await rows(
      `select tablename, policyname from pg_policies where 'public' = any (roles)`,
    );
    expect(open).to.deep.equal([]);
  });

  it('has on every tenant table an index that starts with the organisation', async () => {
    const without = await rows(
      `select relname from pg_class join pg_attribute on attrelid = pg_class.oid
       where relkind = 'r' and relnamespace = 'public'::regnamespace
         and attname = 'organization_id' and attnotnull
         and not exists (
           select from pg_index
           where indrelid = pg_class.oid and indkey[0] = attnum and indpred is null)`,
    );
    expect(without).to.deep.equal([]);
  });

  it('has no role that gets past the policies, and no owner among those who log in to serve', async () => {
    const roles = await rows(
      `select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles
       where rolname like 'quartermaster%' order by rolname`,
    );
    const plain = {
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
    };
    expect(roles).to.deep.equal([
      { rolname: 'quartermaster_app', ...plain },
      { rolname: 'quartermaster_owner', ...plain },
      { rolname: 'quartermaster_system', ...plain },
    ]);
    const owners = await rows(
      `select distinct tableowner from pg_tables where schemaname = 'public'`,
    );
    expect(owners).to.deep.equal([{ tableowner: 'quartermaster_owner' }]);
  });

  it('has no security definer function, and no view that forgets the policies', async () => {
    const definers = await rows(
      `select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef`,
    );
    expect(definers).to.deep.equal([]);
    const views = await rows(
      `select relname from pg_class where relkind in ('v', 'm')
         and relnamespace = 'public'::regnamespace
         and not coalesce('security_invoker=true' = any (reloptions), false)`,
    );
    expect(views).to.deep.equal([]);
  });

  for (const role of ['app', 'system', 'owner'] as const) {
    it(`lets the audit log only grow: ${role}`, async () => {
      const client = await openClient(database[`${role}Url`]);
      try {
        for (const statement of [
          'update audit_log set details = details',
          'delete from audit_log',
          'truncate audit_log',
        ]) {
          expect(await outcomeOf(client, statement), statement).to.equal('no privilege');
        }
      } finally {
        await client.end();
      }
    });
  }

  it('lets neither app nor system make tables', async () => {
    for (const role of ['app', 'system'] as const) {
      const client = await openClient(database[`${role}Url`]);
      try {
        expect(await outcomeOf(client, 'create table mine (id int)')).to.equal('no privilege');
      } finally {
        await client.end();
      }
    }
  });

  it('lets the owner see no tenant rows', async () => {
    const client = await openClient(database.ownerUrl);
    try {
      expect(await outcomeOf(client, 'select * from resource_requests')).to.equal(0);
    } finally {
      await client.end();
    }
  });
});
