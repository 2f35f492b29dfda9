import { verifyAuditLog } from '../audit/verify-audit-log.ts';
import type { Database } from '../db/database.ts';

/**
 * Checks the audit log of every organisation against its chain and writes down what was found:
 * first where each chain ends, to be kept elsewhere, then what is not as it was sealed.
 *
 * @returns whether everything is as it was sealed
 */
export async function runVerifyAudit(
  database: Database,
  write: (line: string) => void,
): Promise<boolean> {
  const { chains, faults, unsealed } = await verifyAuditLog(database);
  for (const { organizationId, lines, hash } of chains) {
    write(`organisation ${organizationId}: ${lines} lines, ends with ${hash}`);
  }
  for (const { organizationId, recordId, kind } of faults) {
    write(`FAULT organisation ${organizationId}: ${kind} ${recordId}`.trimEnd());
  }
  write(`${faults.length} faults; ${unsealed} lines are not sealed yet`);
  return faults.length === 0;
}
