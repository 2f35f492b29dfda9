import type { Dependencies } from '../deps.ts';
import { repeat } from '../sync/repeat.ts';
import { sealAuditLog } from './seal-audit-log.ts';

const EVERY_MS = 5_000;

/**
 * Seals the audit log as it grows. Replicas may do it at the same time: one works.
 *
 * @returns ends it, after the turn in progress
 */
export function startAuditSealing(
  deps: Pick<Dependencies, 'database' | 'log'>,
): () => Promise<void> {
  return repeat({
    ...{ name: 'seal the audit log', everyMs: EVERY_MS, log: deps.log },
    work: async () => {
      await sealAuditLog(deps.database);
    },
  });
}
