import { expect } from 'chai';
import type { Session } from '../../api/auth/actor.ts';
import { databaseFailure } from '../../api/db/database-error.ts';
import { Database } from '../../api/db/database.ts';
import { runTogether } from '../../api/db/run-together.ts';
import { defineStatement } from '../../api/db/statement.ts';
import { UnauthenticatedError } from '../../api/errors.ts';
import { createDatabase, type TestDatabase } from '../../dev/postgres/test-server.ts';
import { recordingLogger } from '../support/api/test-api.ts';
import { openClient } from '../support/database/as-app.ts';
import { insertTenant, type Tenant } from '../support/database/tenant-rows.ts';
import { rejection } from '../support/rejection.ts';

const projects = defineStatement('test_projects', 'select organization_id from projects');
const rename = defineStatement('test_rename', 'update projects set name = $1 returning name');
const divide = defineStatement('test_divide', 'select 1 / $1::integer');
const backend = defineStatement('test_backend', 'select pg_backend_pid()');

describe('statements that are sent together', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let tenants: Tenant[];
  before(async () => {
    testDatabase = await createDatabase();
    const root = await openClient(testDatabase.superuserUrl);
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

  describe('a read of one round trip', () => {
    it('finds nothing for a token that is out of date, and says so', async () => {
      const session = { ...sessionOf(tenants[0]!), tokenVersion: 2 };
      const error = await rejection(database.readTenant(session, projects()));
      expect(error).to.be.instanceOf(UnauthenticatedError);
    });

    it('finds nothing in an organisation that the person does not belong to', async () => {
      const foreign = { ...sessionOf(tenants[0]!), organizationId: tenants[1]!.organizationId };
      const { actor, rows } = await database.readTenant(foreign, projects());
      expect([actor.membership, rows]).to.deep.equal([null, []]);
    });

    it('refuses to write', async () => {
      const error = await rejection(database.readTenant(sessionOf(tenants[0]!), rename('Mine')));
      expect(databaseFailure(error)?.code).to.equal('25006');
    });

    it('shows each of two tenants their own rows, however often a plan is used again', async () => {
      for (let round = 0; round < 20; round += 1) {
        for (const tenant of tenants) {
          const { rows } = await database.readTenant(sessionOf(tenant), projects());
          expect(rows).to.deep.equal([[tenant.organizationId]]);
        }
      }
    });

    it('leaves no context on the connection', async () => {
      await database.readTenant(sessionOf(tenants[0]!), projects());
      const nobody = { ...sessionOf(tenants[0]!), organizationId: null };
      expect((await database.readTenant(nobody, projects())).rows).to.deep.equal([]);
    });

    it('does not use a connection again on which it failed', async () => {
      const read = async (): Promise<unknown> =>
        (await database.readTenant(sessionOf(tenants[0]!), backend())).rows[0]?.[0];
      const before = await read();
      await rejection(database.readTenant(sessionOf(tenants[0]!), divide(0)));
      expect(await read()).to.not.equal(before);
    });
  });

  describe('in a transaction', () => {
    it('run in their order, and give the rows of each', async () => {
      const results = await database.withTenant(sessionOf(tenants[0]!), (trx) =>
        runTogether(trx, [rename('First'), rename('Second'), projects()]),
      );
      expect(results).to.deep.equal([[['First']], [['Second']], [[tenants[0]!.organizationId]]]);
    });

    it('are skipped behind one that fails, and taken back with it', async () => {
      const session = sessionOf(tenants[0]!);
      const failing = database.withTenant(session, (trx) =>
        runTogether(trx, [rename('Lost'), divide(0), rename('Never')]),
      );
      expect(databaseFailure(await rejection(failing))?.code).to.equal('22012');
      const names = await database.withTenant(session, (trx) => trx('projects').pluck('name'));
      expect(names).to.deep.equal(['Second']);
    });

    it('are refused when it is over', async () => {
      const kept = await database.withTenant(sessionOf(tenants[0]!), (trx) =>
        Promise.resolve({ trx }),
      );
      const error = await rejection(runTogether(kept.trx, [projects()]));
      expect(error).to.be.instanceOf(TypeError);
    });
  });

  it('have one text for each name', () => {
    expect(() => defineStatement('test_backend', 'select 1')).to.throw(TypeError);
  });
});
