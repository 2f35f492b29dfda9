import { expect } from 'chai';
import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { meterUsage } from '../../api/commands/meter-usage.ts';
import { Database } from '../../api/db/database.ts';
import { createDatabase, type TestDatabase } from '../../dev/postgres/test-server.ts';
import { openClient } from '../support/database/as-app.ts';
import { buildRow, insertRow, insertTenant, type Tenant } from '../support/database/tenant-rows.ts';
import { QuietLogger } from '../support/quiet-logger.ts';

const PRICED = [{ name: 'postgres', cost: { monthly: 730, currency: 'EUR' } }];

interface Record {
  hour: Date;
  seconds: number;
  cost: string;
}

describe('metering usage', () => {
  let test: TestDatabase;
  let root: pg.Client;
  let database: Database;
  let tenant: Tenant;
  beforeEach(async () => {
    test = await createDatabase();
    root = await openClient(test.superuserUrl);
    database = new Database({
      ...{ appUrl: test.appUrl, systemUrl: test.systemUrl },
      ...{ maxConnections: 4, log: new QuietLogger() },
    });
    tenant = await insertTenant(root);
    await root.query('delete from usage_records');
  });
  afterEach(async () => {
    await database.close();
    await root.end();
    await test.drop();
  });

  /** A request that came to be, and perhaps went, so many minutes before the present hour. */
  const addRequest = async (minutes: { ready: number; deleted?: number }): Promise<string> => {
    const row = { ...buildRow['resource_requests']!(tenant), id: uuid() };
    await insertRow(root, 'resource_requests', row);
    for (const [type, before] of Object.entries(minutes)) {
      await root.query(
        `insert into request_events (id, organization_id, request_id, type, created_at)
         values ($1, $2, $3, $4, date_trunc('hour', now(), 'UTC') - $5 * interval '1 minute')`,
        [uuid(), tenant.organizationId, row.id, type, before],
      );
    }
    return row.id;
  };
  const recordsOf = async (id: string): Promise<Record[]> =>
    (
      await root.query<Record>(
        `select hour, seconds, cost from usage_records where request_id = $1
           and hour < date_trunc('hour', now(), 'UTC') order by hour`,
        [id],
      )
    ).rows;
  const secondsOf = async (id: string): Promise<number[]> =>
    (await recordsOf(id)).map(({ seconds }) => seconds);
  const meter = (): Promise<number | undefined> => meterUsage(database, PRICED);

  it('counts from ready to deleted, hour by hour, by the price of a month of 730 hours', async () => {
    const id = await addRequest({ ready: 150, deleted: 15 });
    await meter();
    const records = await recordsOf(id);
    expect(records.map(({ seconds }) => seconds)).to.deep.equal([1800, 3600, 2700]);
    expect(records.map(({ cost }) => Number(cost))).to.deep.equal([0.5, 1, 0.75]);
  });

  it('counts nothing of a request that never was ready', async () => {
    const row = { ...buildRow['resource_requests']!(tenant), id: uuid() };
    await insertRow(root, 'resource_requests', row);
    await meter();
    expect(await secondsOf(row.id)).to.deep.equal([]);
  });

  it('counts nothing twice, however often and however many replicas meter', async () => {
    const id = await addRequest({ ready: 90 });
    await Promise.all([meter(), meter(), meter()]);
    await meter();
    expect(await secondsOf(id)).to.deep.equal([1800, 3600]);
  });

  it('catches up with days in which nobody metered', async () => {
    const id = await addRequest({ ready: 3 * 24 * 60 });
    await addRequest({ ready: 90 });
    await root.query(
      `insert into usage_meter (metered_until) values (now() - interval '3 days 2 hours')`,
    );
    await meter();
    expect(await secondsOf(id)).to.deep.equal(Array.from({ length: 72 }, () => 3600));
  });

  it('takes an event in that was committed late', async () => {
    const id = await addRequest({ ready: 90 });
    await meter();
    await root.query(
      `insert into request_events (id, organization_id, request_id, type, created_at)
       values ($1, $2, $3, 'deleted', date_trunc('hour', now(), 'UTC') - interval '75 minutes')`,
      [uuid(), tenant.organizationId, id],
    );
    await meter();
    expect(await secondsOf(id)).to.deep.equal([900]);
  });

  it('removes what a clock that ran ahead has counted, and counts it again when it is due', async () => {
    const id = await addRequest({ ready: 30 });
    await root.query(
      `insert into usage_records (organization_id, request_id, hour, project_id, class_name, seconds)
       values ($1, $2, date_trunc('hour', now(), 'UTC') + interval '5 hours', $3, 'postgres', 3600)`,
      [tenant.organizationId, id, tenant.projectId],
    );
    await root.query(`insert into usage_meter (metered_until) values (now() + interval '6 hours')`);
    await meter();
    expect(await secondsOf(id)).to.deep.equal([1800]);
    const { rows } = await root.query('select from usage_records where hour > now()');
    expect(rows).to.have.length(0);
    const { rows: due } = await root.query<{ past: boolean }>(
      'select metered_until <= now() as past from usage_meter',
    );
    expect(due).to.deep.equal([{ past: true }]);
  });

  it('counts each hour by the price that held when it began', async () => {
    const id = await addRequest({ ready: 180 });
    await root.query(
      `insert into class_prices (class_name, valid_from, monthly, currency) values
       ('postgres', now() - interval '30 days', 365, 'EUR'),
       ('postgres', date_trunc('hour', now(), 'UTC') - interval '90 minutes', 730, 'EUR')`,
    );
    await meter();
    const costs = (await recordsOf(id)).map(({ cost }) => Number(cost));
    expect(costs).to.deep.equal([0.5, 0.5, 1]);
  });

  it('notes a price once, and again when it changes', async () => {
    await meter();
    await meter();
    await meterUsage(database, [{ name: 'postgres', cost: undefined }]);
    await meterUsage(database, []);
    const { rows } = await root.query('select monthly from class_prices order by valid_from');
    expect(rows).to.deep.equal([{ monthly: '730.00' }, { monthly: null }]);
  });
});
