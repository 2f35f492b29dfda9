import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkoutDirectory } from '../paths.ts';
import { buildReadme } from './build-readme.ts';

const chart = path.join(checkoutDirectory, 'charts', 'quartermaster');
const file = path.join(chart, 'README.md');
const values = readFileSync(path.join(chart, 'values.yaml'), 'utf8');
writeFileSync(file, await buildReadme(readFileSync(file, 'utf8'), values));
