import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkoutDirectory } from './paths.ts';
import { runInterruptibly } from './processes/run-interruptibly.ts';
import { formatDuration, sayOnTerminal } from './processes/say.ts';
import type { TestLayer } from './testing/layers.ts';
import { selectLayers } from './testing/layers.ts';
import type { TestCounts } from './testing/test-counts.ts';
import { countLayer, sumCounts } from './testing/test-counts.ts';

const packages = path.join(checkoutDirectory, 'node_modules');

/** Checks that are no tests: each counts as one. */
const checks: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: 'formatting', args: ['prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'] },
  { name: 'lint rules', args: ['eslint/bin/eslint.js', '.', '--max-warnings=0'] },
  { name: 'types', args: ['typescript/bin/tsc', '-p', 'tsconfig.json'] },
];

/** Runs a program on this terminal; an interruption is passed on, and waited for. */
function run(args: readonly string[], signal: AbortSignal): Promise<number | null> {
  if (signal.aborted) return Promise.resolve(null);
  const child = spawn(process.execPath, args, { cwd: checkoutDirectory, stdio: 'inherit' });
  const interrupt = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', interrupt);
  return new Promise((resolve) => {
    child.once('exit', (status) => {
      signal.removeEventListener('abort', interrupt);
      resolve(status);
    });
  });
}

async function runCheck(check: (typeof checks)[number], signal: AbortSignal): Promise<TestCounts> {
  const [program = '', ...args] = check.args;
  const status = await run([path.join(packages, program), ...args], signal);
  sayOnTerminal(`${status === 0 ? 'passed' : 'FAILED'}: ${check.name}`);
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function runLayer(layer: TestLayer, signal: AbortSignal): Promise<TestCounts> {
  sayOnTerminal(`\n== ${layer.name}`);
  const directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-result-'));
  try {
    const file = path.join(directory, 'counts.json');
    const program = path.join(import.meta.dirname, 'testing', 'run-mocha.ts');
    return countLayer(await run([program, file, ...layer.folders], signal), file);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

await runInterruptibly(async (signal) => {
  const started = performance.now();
  const { isStatic, layers } = selectLayers(process.argv.slice(2));
  const results: TestCounts[] = [];
  for (const check of isStatic ? checks : []) results.push(await runCheck(check, signal));
  for (const layer of layers) results.push(await runLayer(layer, signal));
  const { passed, failed } = sumCounts(results);
  sayOnTerminal(`\nafter ${formatDuration(performance.now() - started)}:`);
  sayOnTerminal(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
});
