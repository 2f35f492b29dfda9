import { expect } from 'chai';
import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { sealAuditLog } from '../../api/audit/seal-audit-log.ts';
import { verifyAuditLog, type AuditReport } from '../../api/audit/verify-audit-log.ts';
import { Database } from '../../api/db/database.ts';
import { createDatabase, type TestDatabase } from '../../dev/postgres/test-server.ts';
import { openClient } from '../support/database/as-app.ts';
import { insertRow } from '../support/database/tenant-rows.ts';
import { QuietLogger } from '../support/quiet-logger.ts';

describe('the chain of the audit log', () => {
  const organizationId = uuid();
  const otherId = uuid();
  let test: TestDatabase;
  let root: pg.Client;
  let database: Database;

  const lineOf = (id: string, organization: string): Record<string, string> => ({
    ...{ id, organization_id: organization, actor_kind: 'system', action: 'test' },
    ...{ target_type: 'test', target_id: '1', details: JSON.stringify({ of: 'test' }) },
  });
  const write = async (count = 1, organization = organizationId): Promise<string[]> => {
    const ids = Array.from({ length: count }, () => uuid());
    for (const id of ids) await insertRow(root, 'audit_log', lineOf(id, organization));
    return ids;
  };
  const verify = (): Promise<AuditReport> => verifyAuditLog(database);
  const faults = async (): Promise<string[][]> =>
    (await verify()).faults.map(({ recordId, kind }) => [kind, recordId]);
  /** As somebody whom neither grants nor triggers stop. */
  const tamper = async (statement: string, values: unknown[] = []): Promise<void> => {
    await root.query('set session_replication_role = replica');
    await root.query(statement, values);
    await root.query('set session_replication_role = origin');
  };

  beforeEach(async () => {
    test = await createDatabase();
    root = await openClient(test.superuserUrl);
    database = new Database({
      ...{ appUrl: test.appUrl, systemUrl: test.systemUrl },
      ...{ maxConnections: 6, log: new QuietLogger() },
    });
  });
  afterEach(async () => {
    await database.close();
    await root.end();
    await test.drop();
  });

  it('finds nothing where nothing was done, and says where each chain ends', async () => {
    await write(3);
    await write(2, otherId);
    expect((await verify()).unsealed).to.equal(5);
    expect(await sealAuditLog(database)).to.equal(5);
    await write(1);
    await sealAuditLog(database);
    const report = await verify();
    expect(report.faults).to.deep.equal([]);
    expect(report.unsealed).to.equal(0);
    expect(report.chains.map(({ lines }) => lines)).to.have.members([4, 2]);
  });

  const columns = { action: "'other'", details: `'{"of": "others"}'`, actor_name: "'Eve'" };
  for (const [column, value] of Object.entries(columns)) {
    it(`finds a line whose ${column} was changed, and no other`, async () => {
      const ids = await write(4);
      await sealAuditLog(database);
      await tamper(`update audit_log set ${column} = ${value} where id = $1`, [ids[1]]);
      expect(await faults()).to.deep.equal([['changed', ids[1]]]);
    });
  }

  it('finds a line whose time was moved by a microsecond', async () => {
    const [id] = await write(2);
    await sealAuditLog(database);
    await tamper(
      `update audit_log set created_at = created_at + interval '1 microsecond' where id = $1`,
      [id],
    );
    expect(await faults()).to.deep.equal([['changed', id]]);
  });

  it('finds a line that was removed, alone and with its seal', async () => {
    const ids = await write(4);
    await sealAuditLog(database);
    await tamper('delete from audit_log where id = $1', [ids[1]]);
    expect(await faults()).to.deep.equal([['removed', ids[1]]]);
    await tamper('delete from audit_seals where record_id = $1', [ids[1]]);
    expect(await faults()).to.deep.equal([['seal is missing', ids[2]]]);
  });

  it('finds that the end was cut off', async () => {
    const ids = await write(3);
    await sealAuditLog(database);
    await tamper('delete from audit_log where id = $1', [ids[2]]);
    await tamper('delete from audit_seals where record_id = $1', [ids[2]]);
    expect(await faults()).to.deep.equal([['end is missing', '']]);
  });

  it('finds a line that was put in between', async () => {
    const [first] = await write(3);
    await sealAuditLog(database);
    const id = uuid();
    await insertRow(root, 'audit_log', lineOf(id, organizationId));
    await tamper(
      `update audit_log set transaction_id =
         (select transaction_id from audit_log where id = $1) where id = $2`,
      [first, id],
    );
    await sealAuditLog(database);
    expect(await faults()).to.deep.equal([['inserted', id]]);
  });

  it('finds two lines that changed places', async () => {
    const ids = await write(4);
    await sealAuditLog(database);
    await tamper('update audit_seals set record_id = $1 where record_id = $2', [uuid(), ids[1]]);
    await tamper('update audit_seals set record_id = $1 where record_id = $2', [ids[1], ids[2]]);
    await tamper(
      `update audit_seals set record_id = $1 where sequence = 2 and organization_id = $2`,
      [ids[2], organizationId],
    );
    expect(await faults()).to.deep.equal([
      ['changed', ids[2]],
      ['changed', ids[1]],
    ]);
  });

  it('waits for a writer that began before, so that the order is final', async () => {
    const slow = await openClient(test.superuserUrl);
    try {
      await slow.query('begin');
      const early = uuid();
      await insertRow(slow, 'audit_log', lineOf(early, organizationId));
      const [late] = await write(1);
      expect(await sealAuditLog(database)).to.equal(0);
      await slow.query('commit');
      expect(await sealAuditLog(database)).to.equal(2);
      const { rows } = await root.query('select record_id from audit_seals order by sequence');
      expect(rows).to.deep.equal([{ record_id: early }, { record_id: late }]);
    } finally {
      await slow.end();
    }
  });

  it('is one chain, however many replicas seal while others write', async () => {
    const writers = [write(40), write(40, otherId)];
    const sealers = Array.from({ length: 20 }, () => sealAuditLog(database));
    await Promise.all([...writers, ...sealers]);
    await sealAuditLog(database);
    const report = await verify();
    expect(report.faults).to.deep.equal([]);
    expect(report.chains.map(({ lines }) => lines)).to.deep.equal([40, 40]);
  });

  it('goes on in a database that was restored elsewhere, where transactions count from anew', async () => {
    await write(2);
    await sealAuditLog(database);
    await tamper(`update audit_sealing set sealed_before = '1000000000000'`);
    await write(1);
    expect(await sealAuditLog(database)).to.equal(1);
    expect(await faults()).to.deep.equal([]);
  });

  it('takes the time of a line and its transaction from nobody but the database', async () => {
    for (const column of ['created_at', 'transaction_id']) {
      const client = await openClient(test.appUrl);
      try {
        const statement = `insert into audit_log (id, ${column}) values ($1, default)`;
        const outcome = await client.query(statement, [uuid()]).catch((error: unknown) => error);
        expect(outcome).to.include({ code: '42501' });
      } finally {
        await client.end();
      }
    }
  });
});
