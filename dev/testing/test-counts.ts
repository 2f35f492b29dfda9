import { readFileSync } from 'node:fs';
import { z } from 'zod';

const countsSchema = z.object({ passed: z.number(), failed: z.number() });

/** How many tests or checks passed and failed. */
export type TestCounts = z.output<typeof countsSchema>;

/**
 * @param status exit status of the test process
 * @param file where it wrote its counts
 * @returns what to count for it: a process that failed without counting, or found no test, is one
 *   failure
 */
export function countLayer(status: number | null, file: string): TestCounts {
  const counts = readCounts(file);
  return judgeCounts(status, counts);
}

/** The pure part of `countLayer`; null: nothing was written. */
export function judgeCounts(status: number | null, counts: TestCounts | null): TestCounts {
  if (!counts) return { passed: 0, failed: 1 };
  const isSilentFailure = status !== 0 && counts.failed === 0;
  const isEmpty = counts.passed + counts.failed === 0;
  return isSilentFailure || isEmpty ? { ...counts, failed: counts.failed + 1 } : counts;
}

/** The sum of all. */
export function sumCounts(all: readonly TestCounts[]): TestCounts {
  return all.reduce(
    (sum, counts) => ({ passed: sum.passed + counts.passed, failed: sum.failed + counts.failed }),
    { passed: 0, failed: 0 },
  );
}

function readCounts(file: string): TestCounts | null {
  try {
    return countsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}
