import path from 'node:path';
import type { Runner, Suite } from 'mocha';
import { checkoutDirectory } from '../paths.ts';

/** How many are named. */
const SHOWN = 10;
/** Files that are quicker are nobody's concern. */
const LEAST_SECONDS = 5;

/**
 * Measures how long each file of tests takes, hooks included: where the time of a layer goes.
 *
 * @returns gives the slowest, once the run has ended: lines such as `  52 s test/kube/some.test.ts`
 */
export function watchSlowestFiles(runner: Runner): () => string[] {
  const seconds = new Map<string, number>();
  const started = new Map<Suite, number>();
  runner.on('suite', (suite) => {
    if (suite.parent?.root === true) started.set(suite, performance.now());
  });
  runner.on('suite end', (suite) => {
    const start = started.get(suite);
    if (start === undefined || suite.file === undefined) return;
    const elapsed = (performance.now() - start) / 1000;
    seconds.set(suite.file, (seconds.get(suite.file) ?? 0) + elapsed);
  });
  return () =>
    [...seconds]
      .filter(([, elapsed]) => elapsed >= LEAST_SECONDS)
      .sort(([, a], [, b]) => b - a)
      .slice(0, SHOWN)
      .map(([file, elapsed]) => {
        const name = path.relative(checkoutDirectory, file);
        return `${elapsed.toFixed(0).padStart(4)} s ${name}`;
      });
}
