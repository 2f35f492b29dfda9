import type { Dependencies } from './deps.ts';
import { startAuditSealing } from './audit/audit-sealing.ts';
import { sweepSignInFailures } from './auth/sign-in-guard.ts';
import type { KeyRing } from './auth/key-ring.ts';
import { sweepGuests } from './commands/sweep-guests.ts';
import { sweepAnswers } from './db/idempotency.ts';
import { startMetering } from './metering.ts';
import { repeat } from './sync/repeat.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const KEYS_MS = 30_000;

/**
 * Removes now and then what nobody needs any more, meters usage, and seals the audit log. Replicas may do it at the same time.
 *
 * @returns ends it, after the turn in progress
 */
export function startHousekeeping(
  deps: Pick<Dependencies, 'database' | 'classes' | 'clock' | 'log'>,
): () => Promise<void> {
  const ends = [sweepOldRows(deps), startMetering(deps), startAuditSealing(deps)];
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
}

function sweepOldRows(deps: Pick<Dependencies, 'database' | 'clock' | 'log'>): () => Promise<void> {
  return repeat({
    name: 'housekeeping',
    everyMs: HOUR_MS,
    log: deps.log,
    work: async () => {
      const answers = await sweepAnswers(deps.database, deps.clock.now());
      const failures = await sweepSignInFailures(deps.database, deps.clock.now());
      if (answers + failures > 0) deps.log.info('old rows were removed', { answers, failures });
    },
  });
}

/**
 * Removes guests whose hour is over, step by step. Also where guests are switched off: there may be
 * some left.
 *
 * @returns ends it, after the turn in progress
 */
export function startGuestSweep(
  deps: Pick<Dependencies, 'database' | 'clock' | 'kube' | 'log'>,
): () => Promise<void> {
  return repeat({
    ...{ name: 'sweep guests', everyMs: MINUTE_MS, log: deps.log },
    work: async () => {
      const gone = await sweepGuests({ ...deps, isConnected: deps.kube !== undefined });
      if (gone > 0) deps.log.info('guests are gone', { guests: gone });
    },
  });
}

/**
 * Looks now and then whether there are new signing keys.
 *
 * @returns ends it, after the turn in progress
 */
export function startKeyReload(keys: KeyRing, log: Dependencies['log']): () => Promise<void> {
  return repeat({
    ...{ name: 'reload the signing keys', everyMs: KEYS_MS, log },
    work: async () => {
      if (await keys.reload()) log.info('there are new signing keys');
    },
  });
}
