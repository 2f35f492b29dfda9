import path from 'node:path';
import { execa } from 'execa';
import { PlatformError } from '../dev/errors.ts';
import { checkoutDirectory } from '../dev/paths.ts';
import { cleanTestLeftovers } from '../dev/testing/test-session.ts';
import { documentFile, writeSection, type Section } from './document.ts';

/** What can be measured by itself; each is loaded only when it is asked for. */
const PARTS: Readonly<Record<string, () => Promise<Section>>> = {
  api: async () => (await import('./api.ts')).benchApi(),
  approvals: async () => (await import('./approvals.ts')).benchApprovals(),
  'operator-requests': async () => (await import('./operator/requests.ts')).benchRequests(),
  'operator-scale': async () => (await import('./operator/scale.ts')).benchScale(),
  'operator-rest': async () => (await import('./operator/rest.ts')).benchRest(),
  starts: async () => (await import('./starts/starts.ts')).benchStarts(),
  'kube-calls': async () => (await import('./operator/calls.ts')).benchCalls(),
};

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !Object.hasOwn(PARTS, name));
  if (unknown.length > 0) {
    process.stderr.write(`Usage: npm run bench [-- ${Object.keys(PARTS).join(' | ')}]\n`);
    return 64;
  }
  const wanted = names.length > 0 ? names : Object.keys(PARTS);
  const [only = ''] = wanted;
  if (wanted.length > 1) return measureApart(wanted);
  await cleanTestLeftovers();
  process.stdout.write(`${only}\n`);
  const section = await PARTS[only]?.();
  if (section === undefined) return 0;
  process.stdout.write(`${writeSection(section)}\n`);
  await format();
  return 0;
}

/** Each part in a process of its own: what one has started is gone before the next one begins. */
async function measureApart(names: readonly string[]): Promise<number> {
  for (const name of names) {
    const options = { stdio: 'inherit', reject: false } as const;
    const { exitCode } = await execa(process.execPath, [import.meta.filename, name], options);
    if (exitCode !== 0) return exitCode ?? 1;
  }
  return 0;
}

/** As everything in the repository is. */
async function format(): Promise<void> {
  const prettier = path.join(checkoutDirectory, 'node_modules/prettier/bin/prettier.cjs');
  await execa(process.execPath, [prettier, '--write', documentFile]);
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof PlatformError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
