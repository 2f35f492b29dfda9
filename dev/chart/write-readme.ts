import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkoutDirectory } from '../paths.ts';
import { buildConfigurePage } from './build-configure-page.ts';
import { buildEnvExample } from './build-env-example.ts';
import { buildReadme } from './build-readme.ts';

const read = (...parts: string[]): string =>
  readFileSync(path.join(checkoutDirectory, ...parts), 'utf8');
const write = (file: string, text: string): void =>
  writeFileSync(path.join(checkoutDirectory, file), text);

const readme = 'charts/quartermaster/README.md';
write(readme, await buildReadme(read(readme), read('charts/quartermaster/values.yaml')));

const page = 'docs/configure.md';
const sources = { api: read('api/config.ts'), operator: read('operator/config.ts') };
write(page, await buildConfigurePage(read(page), sources));
write('.env.example', buildEnvExample(sources));
