import { expect } from 'chai';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '../../../..');

/** Prints what is imported on the way to a program, one module to a line. */
const WATCH = `
  import { registerHooks } from 'node:module';
  import { writeSync } from 'node:fs';
  registerHooks({
    load(url, context, next) {
      writeSync(1, url + '\\n');
      return next(url, context);
    },
  });
`;

describe('The start of a runner', () => {
  it('imports no module of Node that brings half of Node along', async () => {
    const imported = await importsOf('operator/runner/main.ts');
    expect(imported).to.include(`file://${ROOT}/operator/runner/main.ts`);
    expect(imported).not.to.include.oneOf(['node:http', 'node:crypto', 'node:process']);
  });

  it('loads no package but one', async () => {
    const packages = (await importsOf('operator/runner/main.ts'))
      .filter((url) => url.includes('/node_modules/'))
      .map((url) => url.replace(/^.*\/node_modules\//, '').split('/')[0]);
    expect(packages).to.deep.equal(['canonicalize']);
  });
});

/** It ends at once for want of a run, after everything was loaded. */
async function importsOf(program: string): Promise<string[]> {
  const watch = `data:text/javascript,${encodeURIComponent(WATCH)}`;
  const args = ['--import', watch, path.join(ROOT, program)];
  const ended = promisify(execFile)(process.execPath, args, { env: {} });
  const { stdout } = await ended.catch((error: unknown) => error as { stdout: string });
  return stdout.trim().split('\n');
}
