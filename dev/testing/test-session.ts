import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheDirectory } from '../paths.ts';
import { cleanLeftoversIn } from '../processes/leftovers.ts';
import { Ledger } from '../processes/ledger.ts';
import { Supervisor } from '../processes/supervisor.ts';

/** The processes and folders of one test process; gone when it ends, however it ends. */
export interface TestSession {
  readonly supervisor: Supervisor;
  /** Makes a folder that is deleted at the end. */
  makeDirectory(name: string): string;
}

let session: TestSession | undefined;

/**
 * The session of this process, begun with the first call. Its processes do not keep the test run
 * alive, and end with it; those of a run that was killed are ended by the next one.
 */
export function startTestSession(): TestSession {
  session ??= beginSession();
  return session;
}

/** Ends what runs of tests that were killed left behind. */
export async function cleanTestLeftovers(): Promise<void> {
  await cleanLeftoversIn(ledgerDirectory());
}

function beginSession(): TestSession {
  // Short, and open to the user who runs PostgreSQL.
  const root = path.join(tmpdir(), `quartermaster-test-${process.pid}`);
  const ledger = Ledger.create(path.join(ledgerDirectory(), `${process.pid}.json`));
  ledger.addDirectory(root);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true, mode: 0o711 });
  const logDirectory = path.join(root, 'logs');
  const supervisor = new Supervisor({ ledger, logDirectory, background: true });
  process.once('exit', () => {
    supervisor.killAllNow();
    rmSync(root, { recursive: true, force: true });
    ledger.close();
  });
  return { supervisor, makeDirectory: (name) => makeDirectory(path.join(root, name)) };
}

function ledgerDirectory(): string {
  return path.join(cacheDirectory, 'test-sessions');
}

function makeDirectory(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o711 });
  return directory;
}
