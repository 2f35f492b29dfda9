import { expect } from 'chai';
import type pg from 'pg';
import { Database } from '../../api/db/database.ts';
import { createDatabase, type TestDatabase } from '../../dev/postgres/test-server.ts';
import { openClient } from '../support/database/as-app.ts';
import { buildRow, insertRow, insertTenant, type Tenant } from '../support/database/tenant-rows.ts';
import { QuietLogger } from '../support/quiet-logger.ts';

const TENANTS = 50;
const REQUESTS = 10_000;
const TABLES = ['resource_requests', 'projects', 'teams', 'audit_log', 'usage_records'];

describe('many tenants on few connections', () => {
  let test: TestDatabase;
  let root: pg.Client;
  let database: Database;
  const tenants: Tenant[] = [];
  before(async () => {
    test = await createDatabase();
    root = await openClient(test.superuserUrl);
    for (let count = 0; count < TENANTS; count += 1) {
      const tenant = await insertTenant(root);
      await insertRow(root, 'projects', buildRow['projects']!(tenant));
      tenants.push(tenant);
    }
    database = new Database({
      ...{ appUrl: test.appUrl, systemUrl: test.systemUrl },
      ...{ maxConnections: 5, log: new QuietLogger() },
    });
  });
  after(async () => {
    await database.close();
    await root.end();
    await test.drop();
  });

  /** Asks for everything in a table, as a query would that forgot to say whose. */
  const ownersSeen = (turn: number): Promise<string[]> => {
    const tenant = tenants[turn % TENANTS]!;
    const session = {
      userId: tenant.userId,
      organizationId: tenant.organizationId,
      tokenVersion: 1,
    };
    const table = TABLES[Math.floor(turn / TENANTS) % TABLES.length]!;
    const access = turn % 3 === 0 ? 'write' : 'read';
    return database.withTenant(
      session,
      // Also after work that failed, on the same connection.
      async (trx) => {
        const owners = await trx(table).distinct().pluck<string[]>('organization_id');
        if (turn % 17 === 0) await trx.raw('select 1/0').catch(() => undefined);
        return owners;
      },
      access,
    );
  };

  it('see no row of another, in 10,000 interleaved transactions over 5 connections', async () => {
    let next = 0;
    const foreign: string[] = [];
    let own = 0;
    const work = async (): Promise<void> => {
      for (let turn = next; turn < REQUESTS; turn = next) {
        next += 1;
        const { organizationId } = tenants[turn % TENANTS]!;
        for (const owner of await ownersSeen(turn)) {
          if (owner === organizationId) own += 1;
          else foreign.push(owner);
        }
      }
    };
    await Promise.all(Array.from({ length: 40 }, work));
    expect(foreign).to.deep.equal([]);
    expect(own).to.equal(REQUESTS);
  }).timeout(120_000);
});
