import { createHash } from 'node:crypto';
import { canonicalJson } from '../../lib/canonical-json.ts';
import type { Transaction } from '../db/transaction.ts';

/** The hash before the first line of a chain. */
export const CHAIN_START = '0'.repeat(64);

/** A line of the audit log with all that its hash is made of. */
export interface HashedLine {
  id: string;
  organization_id: string;
  /** In UTC, to the microsecond. */
  created_at: string;
  [column: string]: unknown;
}

const PLAIN_COLUMNS = [
  ...['id', 'organization_id', 'actor_id', 'actor_kind', 'actor_name', 'action'],
  ...['target_type', 'target_id', 'outcome', 'details', 'request_id', 'address'],
  ...['before_digest', 'after_digest'],
];

/** Selects the columns that a hash is made of; a date would lose what is below a millisecond. */
export function selectHashed(trx: Transaction): ReturnType<Transaction['raw']>[] {
  const time = `to_char(line.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  return [
    ...PLAIN_COLUMNS.map((column) => trx.raw('??', [`line.${column}`])),
    trx.raw(`${time} as created_at`),
  ];
}

/**
 * The hash of a line in its chain: SHA-256 over the hash before it and the line as canonical JSON
 * (RFC 8785), in hex.
 */
export function hashLine(previous: string, line: HashedLine): string {
  const columns = [...PLAIN_COLUMNS, 'created_at'];
  const content = Object.fromEntries(columns.map((column) => [column, line[column] ?? null]));
  return createHash('sha256').update(previous).update(canonicalJson(content)).digest('hex');
}
