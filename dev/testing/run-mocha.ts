import { globSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import { checkoutDirectory } from '../paths.ts';
import { endAllSessions } from '../platform-session.ts';
import { sayOnTerminal } from '../processes/say.ts';
import { watchSlowestFiles } from './slowest-files.ts';
import type { TestCounts } from './test-counts.ts';

/**
 * Runs the tests of some folders like mocha's own program, and writes how many passed and failed
 * to a file: run-mocha.ts RESULT-FILE FOLDER...
 */
const [resultFile = '', ...folders] = process.argv.slice(2);

const mocha = new Mocha({ reporter: 'spec', timeout: 20_000, forbidOnly: true });
for (const folder of folders) {
  const pattern = path.join(folder, '**', '*.test.ts');
  for (const file of globSync(pattern, { cwd: checkoutDirectory }).sort()) {
    mocha.addFile(path.join(checkoutDirectory, file));
  }
}
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => void endAllSessions().finally(() => process.exit(130)));
}
await mocha.loadFilesAsync();
const runner = mocha.run((failures) => (process.exitCode = failures > 0 ? 1 : 0));
const slowestFiles = watchSlowestFiles(runner);
runner.once('end', () => {
  const { passes = 0, failures = 0 } = runner.stats ?? {};
  const counts: TestCounts = { passed: passes, failed: failures };
  writeFileSync(resultFile, JSON.stringify(counts));
  for (const line of slowestFiles()) sayOnTerminal(line);
});
