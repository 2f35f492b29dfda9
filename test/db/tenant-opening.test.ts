import { expect } from 'chai';
import type pg from 'pg';
import type { Session, UserActor } from '../../api/auth/actor.ts';
import { databaseFailure } from '../../api/db/database-error.ts';
import { Database } from '../../api/db/database.ts';
import { StatementNames } from '../../api/db/statement-names.ts';
import type { TransactionAccess } from '../../api/db/tenant-opening.ts';
import type { Transaction } from '../../api/db/transaction.ts';
import { createDatabase, type TestDatabase } from '../../dev/postgres/test-server.ts';
import { recordingLogger } from '../support/api/test-api.ts';
import { openClient } from '../support/database/as-app.ts';
import { insertTenant, type Tenant } from '../support/database/tenant-rows.ts';
import { rejection } from '../support/rejection.ts';

describe('a transaction that is opened in one round trip', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let tenants: Tenant[];
  before(async () => {
    testDatabase = await createDatabase();
    const root: pg.Client = await openClient(testDatabase.superuserUrl);
    tenants = [await insertTenant(root), await insertTenant(root)];
    await root.end();
    database = new Database({
      appUrl: testDatabase.appUrl,
      systemUrl: testDatabase.systemUrl,
      // One connection: everything that is prepared on it is used by both tenants.
      maxConnections: 1,
      log: recordingLogger([]),
    });
  });
  after(async () => {
    await database.close();
    await testDatabase.drop();
  });

  const sessionOf = ({ userId, organizationId }: Tenant): Session => ({
    ...{ userId, organizationId },
    tokenVersion: 1,
  });
  const as = <T>(
    tenant: Tenant,
    work: (trx: Transaction, actor: UserActor) => PromiseLike<T>,
    access: TransactionAccess,
  ): Promise<T> => database.withTenant(sessionOf(tenant), work, access);
  const backend = async (trx: Transaction): Promise<unknown> =>
    (await trx.raw<{ rows: { id: number }[] }>('select pg_backend_pid() as id')).rows[0]?.id;

  for (const access of ['read', 'write'] as const) {
    it(`shows each of two tenants their own rows, however often a plan is used again (${access})`, async () => {
      // PostgreSQL changes to a plan without the values after five times.
      for (let round = 0; round < 20; round += 1) {
        for (const tenant of tenants) {
          const rows = await as(
            tenant,
            (trx) => trx('projects').select('organization_id').where('name', '<>', 'nothing'),
            access,
          );
          expect(rows).to.deep.equal([{ organization_id: tenant.organizationId }]);
        }
      }
    });
  }

  it('refuses a write where only reading was asked for', async () => {
    const write = (trx: Transaction): PromiseLike<unknown> =>
      trx('projects').update({ name: 'Changed' });
    const error = await rejection(as(tenants[0]!, write, 'read'));
    expect(databaseFailure(error)?.code).to.equal('25006');
  });

  it('gives a connection out again when a read has failed, without context', async () => {
    const failure = new Error('in the middle');
    const error = await rejection(as(tenants[0]!, () => Promise.reject(failure), 'read'));
    expect(error).to.equal(failure);
    const rows = await as(tenants[1]!, (trx) => trx('projects').select('organization_id'), 'read');
    expect(rows).to.deep.equal([{ organization_id: tenants[1]!.organizationId }]);
  });

  it('does not use a connection again on which opening failed', async () => {
    const before = await as(tenants[0]!, backend, 'read');
    const malformed = { ...sessionOf(tenants[0]!), organizationId: 'no uuid' };
    const error = await rejection(database.withTenant(malformed, backend));
    expect(databaseFailure(error)?.code).to.equal('22P02');
    expect(await as(tenants[0]!, backend, 'read')).to.not.equal(before);
  });

  it('refuses to run more on a transaction that is over', async () => {
    const kept = await as(tenants[0]!, (trx) => Promise.resolve({ trx }), 'write');
    const error = await rejection(kept.trx('projects').select('id'));
    expect(error).to.be.instanceOf(Error);
  });

  it('takes a changed table in its stride, on a connection that had prepared for the old one', async () => {
    const all = (trx: Transaction): PromiseLike<unknown[]> =>
      trx('projects').where('name', '<>', 'nothing');
    await as(tenants[0]!, all, 'read');
    const owner = await openClient(testDatabase.ownerUrl);
    await owner.query('alter table projects add column shade text');
    await owner.end();
    const error = await rejection(as(tenants[0]!, all, 'read'));
    expect(databaseFailure(error)?.code).to.equal('0A000');
    expect(await as(tenants[0]!, all, 'read')).to.have.length(1);
  });
});

describe('the names of prepared statements', () => {
  it('are the same for the same text, and end at a bound', () => {
    const names = new StatementNames(2);
    expect(names.of('a')).to.equal(names.of('a'));
    expect(names.of('b')).to.not.equal(names.of('a'));
    expect(names.of('c')).to.equal(undefined);
    expect(names.of('a')).to.be.a('string');
  });
});
