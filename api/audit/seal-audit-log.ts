import type { Database } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { CHAIN_START, hashLine, selectHashed, type HashedLine } from './audit-hash.ts';

const MOST_AT_ONCE = 1_000;

/** Where a chain ends. */
interface ChainEnd {
  organization_id: string;
  sequence: string;
  hash: string;
}

/**
 * Adds the lines that are not sealed yet to the chain of their organisation. Writers know nothing
 * of it: only lines of transactions before which none is running any more are taken, so their
 * order is final. One replica at a time.
 *
 * @returns how many lines were sealed; there may be more when it is a thousand
 */
export async function sealAuditLog(database: Database): Promise<number> {
  return database.withSystem('audit: seal', async (trx) => {
    const window = await takeTurn(trx);
    if (!window) return 0;
    const lines = await findUnsealed(trx, window);
    await appendSeals(trx, lines);
    const isAll = lines.length < MOST_AT_ONCE;
    if (isAll) await trx('audit_sealing').update({ sealed_before: window.finished_before });
    return lines.length;
  });
}

/** Which transactions are looked at; the numbers are those of PostgreSQL. */
interface Window {
  sealed_before: string;
  finished_before: string;
  next: string;
}

async function takeTurn(trx: Transaction): Promise<Window | undefined> {
  await trx.raw(`insert into audit_sealing (sealed_before) values ('0') on conflict do nothing`);
  const { rows } = await trx.raw<{ rows: Window[] }>(
    `select pg_snapshot_xmin(now.snapshot) as finished_before, pg_snapshot_xmax(now.snapshot) as next,
       -- A database that was restored elsewhere counts from anew: then everything is looked at.
       case when sealed_before > pg_snapshot_xmax(now.snapshot) then '0' else sealed_before end
         as sealed_before
     from audit_sealing, (select pg_current_snapshot() as snapshot) as now
     for update of audit_sealing skip locked`,
  );
  return rows[0];
}

/** A number that is still to come, in a restored database, is not that of a running transaction. */
async function findUnsealed(trx: Transaction, window: Window): Promise<HashedLine[]> {
  const { sealed_before, finished_before, next } = window;
  return trx
    .select<HashedLine[]>(selectHashed(trx))
    .from('audit_log as line')
    .whereRaw('line.transaction_id >= ?::xid8', [sealed_before])
    .whereRaw('(line.transaction_id < ?::xid8 or line.transaction_id >= ?::xid8)', [
      finished_before,
      next,
    ])
    .whereRaw('not exists (select from audit_seals where record_id = line.id)')
    .orderBy(['line.transaction_id', 'line.id'])
    .limit(MOST_AT_ONCE);
}

async function appendSeals(trx: Transaction, lines: readonly HashedLine[]): Promise<void> {
  if (lines.length === 0) return;
  const ids = [...new Set(lines.map((line) => line.organization_id))];
  const known = await trx('audit_chains').whereIn('organization_id', ids).select<ChainEnd[]>('*');
  const ends = new Map(known.map((end) => [end.organization_id, end]));
  const seals = lines.map((line) => {
    const { organization_id } = line;
    const end = ends.get(organization_id);
    const sequence = String(BigInt(end?.sequence ?? 0) + 1n);
    const hash = hashLine(end?.hash ?? CHAIN_START, line);
    ends.set(organization_id, { organization_id, sequence, hash });
    return { organization_id, sequence, record_id: line.id, hash };
  });
  await trx('audit_seals').insert(seals);
  await trx('audit_chains')
    .insert([...ends.values()])
    .onConflict('organization_id')
    .merge(['sequence', 'hash']);
}
