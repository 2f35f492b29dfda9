import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { checkoutDirectory } from '../paths.ts';
import { recordedChart } from './recorded-release.ts';

/**
 * Keeps the chart as it is now as that of the release before: `npm run chart:record`, once a
 * release is out and before its version is raised. Links become the files that they name.
 */
rmSync(recordedChart, { recursive: true, force: true });
cpSync(path.join(checkoutDirectory, 'charts/quartermaster'), recordedChart, {
  ...{ recursive: true, dereference: true },
  filter: (file) => path.basename(file) !== 'README.md',
});
