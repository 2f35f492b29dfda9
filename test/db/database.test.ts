import { expect } from 'chai';
import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { UnauthenticatedError } from '../../api/errors.ts';
import { Database } from '../../api/db/database.ts';
import { enqueueOutbox, OUTBOX_CHANNEL } from '../../api/db/outbox.ts';
import { migrateToLatest, SCHEMA_VERSION } from '../../api/db/migrate.ts';
import { createDatabase, type TestDatabase } from '../../dev/postgres/test-server.ts';
import { recordingLogger } from '../support/api/test-api.ts';
import { openClient } from '../support/database/as-app.ts';
import { insertTenant, type Tenant } from '../support/database/tenant-rows.ts';

describe('the two doors to the database', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let root: pg.Client;
  let tenant: Tenant & { outsiderId: string };
  before(async () => {
    testDatabase = await createDatabase();
    root = await openClient(testDatabase.superuserUrl);
    tenant = await insertTenant(root);
    database = new Database({
      appUrl: testDatabase.appUrl,
      systemUrl: testDatabase.systemUrl,
      // One connection: the next transaction gets the one of the last.
      maxConnections: 1,
      log: recordingLogger([]),
    });
  });
  after(async () => {
    await database.close();
    await root.end();
    await testDatabase.drop();
  });

  const session = (): { userId: string; organizationId: string | null; tokenVersion: number } => ({
    userId: tenant.userId,
    organizationId: tenant.organizationId,
    tokenVersion: 1,
  });

  it('refuses a token whose version is not the present one', async () => {
    const error = await database
      .withTenant({ ...session(), tokenVersion: 2 }, () => Promise.resolve())
      .catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(UnauthenticatedError);
    expect(error).to.include({ code: 'TOKEN_REVOKED' });
  });

  it('refuses a person who does not exist', async () => {
    const error = await database
      .withTenant({ ...session(), userId: uuid() }, () => Promise.resolve())
      .catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(UnauthenticatedError);
  });

  it('gives no organisation to who is no member of it', async () => {
    const seen = await database.withTenant(
      { ...session(), userId: tenant.outsiderId },
      async (trx, actor) => ({ actor, projects: await trx('projects').select('id') }),
    );
    expect(seen.actor.membership).to.equal(null);
    expect(seen.projects).to.deep.equal([]);
  });

  it('says what the caller is by the word of the database', async () => {
    const actor = await database.withTenant(session(), (_, found) => Promise.resolve(found));
    expect(actor.membership).to.include({
      organizationId: tenant.organizationId,
      role: 'developer',
      allowSelfApproval: false,
    });
  });

  it('leaves no context on the pooled connection', async () => {
    const id = await database.withTenant(session(), async (trx) => backend(trx));
    const later = await database.withTenant(
      { ...session(), organizationId: null, userId: tenant.outsiderId },
      async (trx) => ({
        id: await backend(trx),
        context: await trx.raw<{ rows: unknown[] }>(
          `select current_organization_id() as organization, current_context('role') as role,
             current_is_platform_admin() as admin`,
        ),
        projects: await trx('projects').select('id'),
      }),
    );
    expect(later.id).to.equal(id);
    expect(later.context.rows).to.deep.equal([{ organization: null, role: null, admin: false }]);
    expect(later.projects).to.deep.equal([]);
  });

  it('sets whom a transaction is for until its end and no longer', async () => {
    const client = await openClient(testDatabase.appUrl);
    const context = `select current_organization_id() as organization, current_user_id() as person,
      current_context('role') as role, current_is_platform_admin() as admin`;
    for (const end of ['commit', 'rollback']) {
      await client.query('begin');
      const opened = await client.query('select * from begin_session($1, $2, 1)', [
        tenant.userId,
        tenant.organizationId,
      ]);
      expect(opened.rowCount).to.equal(1);
      const during = await client.query<object>(context);
      expect(during.rows[0]).to.include({
        organization: tenant.organizationId,
        person: tenant.userId,
      });
      await client.query(end);
      const after = await client.query<object>(context);
      expect(after.rows, end).to.deep.equal([
        { organization: null, person: null, role: null, admin: false },
      ]);
      expect((await client.query('select id from projects')).rowCount).to.equal(0);
    }
    await client.end();
  });

  it('leaves no context after work that failed', async () => {
    const failure = new Error('in the middle');
    const thrown = await database
      .withTenant(session(), () => Promise.reject(failure))
      .catch((error: unknown) => error);
    expect(thrown).to.equal(failure);
    const version = await database.schemaVersion();
    expect(version).to.equal(SCHEMA_VERSION);
  });

  it('wakes the relay when a row for it is committed, and not when it is taken back', async () => {
    const listener = await openClient(testDatabase.systemUrl);
    const heard: string[] = [];
    listener.on('notification', (message) => heard.push(message.channel));
    await listener.query(`listen ${OUTBOX_CHANNEL}`);
    const entry = {
      organizationId: tenant.organizationId,
      kind: 'namespace',
      key: 'a-b',
      payload: {},
    } as const;
    await database
      .withTenant(session(), async (trx) => {
        await enqueueOutbox(trx, entry);
        throw new Error('taken back');
      })
      .catch(() => undefined);
    await listener.query('select 1');
    expect(heard).to.deep.equal([]);
    await database.withTenant(session(), (trx) => enqueueOutbox(trx, entry));
    await listener.query('select 1');
    expect(heard).to.deep.equal([OUTBOX_CHANNEL]);
    await listener.end();
  });

  it('migrates twice as once', async () => {
    expect(await migrateToLatest(testDatabase.ownerUrl)).to.deep.equal([]);
  });
});

async function backend(trx: {
  raw(sql: string): PromiseLike<{ rows: { id: number }[] }>;
}): Promise<number | undefined> {
  return (await trx.raw('select pg_backend_pid() as id')).rows[0]?.id;
}
