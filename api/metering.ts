import { meterUsage } from './commands/meter-usage.ts';
import type { Dependencies } from './deps.ts';
import { UnavailableError } from './errors.ts';
import { repeat } from './sync/repeat.ts';

const EVERY_MS = 5 * 60_000;

/**
 * Meters usage now and then. Replicas may do it at the same time: one works.
 *
 * @returns ends it, after the turn in progress
 */
export function startMetering(
  deps: Pick<Dependencies, 'database' | 'classes' | 'log'>,
): () => Promise<void> {
  const { database, log } = deps;
  return repeat({
    ...{ name: 'meter usage', everyMs: EVERY_MS, log },
    work: async () => {
      await meterUsage(database, offeredNow(deps.classes));
    },
  });
}

/** While the classes are not known, the prices that were seen last hold. */
function offeredNow(classes: Dependencies['classes']): Parameters<typeof meterUsage>[1] {
  try {
    return classes.list().map(({ name, spec }) => ({ name, cost: spec.cost }));
  } catch (error) {
    if (error instanceof UnavailableError) return [];
    throw error;
  }
}
