import type { Database } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { CHAIN_START, hashLine, selectHashed, type HashedLine } from './audit-hash.ts';

const PAGE_SIZE = 1_000;

/** Something that is not as it was sealed. */
export interface AuditFault {
  organizationId: string;
  /** Of the line. */
  recordId: string;
  kind: 'changed' | 'removed' | 'inserted' | 'end is missing' | 'seal is missing';
}

/** What a check found. */
export interface AuditReport {
  faults: AuditFault[];
  /** Where each chain ends; kept elsewhere, it proves later that no end was cut off. */
  chains: { organizationId: string; lines: number; hash: string }[];
  /** Lines that were not sealed yet. */
  unsealed: number;
}

interface SealedLine extends HashedLine {
  sealed_organization_id: string;
  sequence: string;
  record_id: string;
  sealed_hash: string;
}

/**
 * Computes every chain anew and compares. A line that was changed, or that stands elsewhere than
 * it did, has another hash than its seal.
 */
export async function verifyAuditLog(database: Database): Promise<AuditReport> {
  return database.withSystem('audit: verify', async (trx) => {
    // One state of the database, also while others write and seal.
    await trx.raw('set transaction isolation level repeatable read, read only');
    const ends = await trx('audit_chains')
      .select<{ organization_id: string; sequence: string; hash: string }[]>('*')
      .orderBy('organization_id');
    const faults: AuditFault[] = await findInserted(trx);
    const chains: AuditReport['chains'] = [];
    for (const { organization_id: organizationId, sequence, hash } of ends) {
      const chain = await verifyChain(trx, organizationId);
      faults.push(...chain.faults);
      const isWhole = chain.last === BigInt(sequence) && chain.hash === hash;
      if (!isWhole) faults.push({ organizationId, recordId: '', kind: 'end is missing' });
      chains.push({ organizationId, lines: Number(chain.last), hash: chain.hash });
    }
    return { faults, chains, unsealed: await countUnsealed(trx) };
  });
}

/** A chain as far as it was followed. */
interface Chain {
  faults: AuditFault[];
  last: bigint;
  /** By the seals: one line that was changed does not make all after it look changed. */
  hash: string;
}

async function verifyChain(trx: Transaction, organizationId: string): Promise<Chain> {
  const chain: Chain = { faults: [], last: 0n, hash: CHAIN_START };
  for (;;) {
    const page = await readPage(trx, organizationId, chain.last);
    for (const line of page) {
      const kind = judgeLine(chain, line);
      if (kind) chain.faults.push({ organizationId, recordId: line.record_id, kind });
      chain.last = BigInt(line.sequence);
      chain.hash = line.sealed_hash;
    }
    if (page.length < PAGE_SIZE) return chain;
  }
}

function judgeLine(chain: Chain, line: SealedLine): AuditFault['kind'] | undefined {
  if (BigInt(line.sequence) !== chain.last + 1n) return 'seal is missing';
  // Of the outer join: the line is not there.
  if ((line.id as string | null) === null) return 'removed';
  return hashLine(chain.hash, line) === line.sealed_hash ? undefined : 'changed';
}

async function readPage(
  trx: Transaction,
  organizationId: string,
  after: bigint,
): Promise<SealedLine[]> {
  return trx
    .select<SealedLine[]>(selectHashed(trx))
    .select('seal.sequence', 'seal.record_id', 'seal.hash as sealed_hash')
    .from('audit_seals as seal')
    .leftJoin('audit_log as line', 'line.id', 'seal.record_id')
    .where('seal.organization_id', organizationId)
    .where('seal.sequence', '>', String(after))
    .orderBy('seal.sequence')
    .limit(PAGE_SIZE);
}

/** Lines without a seal whose time for one is over. */
async function findInserted(trx: Transaction): Promise<AuditFault[]> {
  const rows = await unsealed(trx)
    .select<{ id: string; organization_id: string }[]>('line.id', 'line.organization_id')
    .whereRaw('line.transaction_id < (select sealed_before from audit_sealing)')
    .limit(PAGE_SIZE);
  return rows.map((row) => ({
    ...{ organizationId: row.organization_id, recordId: row.id },
    kind: 'inserted',
  }));
}

async function countUnsealed(trx: Transaction): Promise<number> {
  const [row] = await unsealed(trx).count<{ count: string }[]>('* as count');
  return Number(row?.count ?? 0);
}

function unsealed(trx: Transaction): ReturnType<Transaction['from']> {
  return trx
    .from('audit_log as line')
    .whereRaw('not exists (select from audit_seals where record_id = line.id)');
}
