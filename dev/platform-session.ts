import { rmSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from './errors.ts';
import { removeNodeLeftovers } from './kubernetes/node-leftovers.ts';
import {
  ensureLocalDirectories,
  ensureMachineDirectories,
  isRoot,
  localDirectory,
  logDirectory,
  machineRunDirectory,
} from './paths.ts';
import { removeEnvironmentFile } from './environment-file.ts';
import type { LockHolder } from './processes/file-lock.ts';
import { readLockHolder, tryLock, unlock } from './processes/file-lock.ts';
import { cleanLeftovers, decideLeftovers } from './processes/leftovers.ts';
import { Ledger, readLedger } from './processes/ledger.ts';
import { isAlive } from './processes/process-identity.ts';
import type { Say } from './processes/say.ts';
import { Supervisor } from './processes/supervisor.ts';

/** Where locks and ledgers stand. */
export const sessionFiles = {
  checkoutLock: path.join(localDirectory, 'platform.lock'),
  checkoutLedger: path.join(localDirectory, 'platform.json'),
  machineLock: path.join(machineRunDirectory, 'platform.lock'),
  machineLedger: path.join(machineRunDirectory, 'platform.json'),
} as const;

/** The right to run a platform, and what it started. */
export interface PlatformSession {
  readonly supervisor: Supervisor;
  /** Aborts waits and builds, stops and removes everything, and gives the locks back. */
  end(): Promise<void>;
}

/** Sessions that have not ended; for a process that must end before its time. */
const liveSessions = new Set<PlatformSession>();

/** Ends every session of this process: nothing stays behind when a test run is interrupted. */
export async function endAllSessions(): Promise<void> {
  await Promise.all([...liveSessions].map((session) => session.end()));
}

/**
 * Takes the locks, cleans up after a launcher that was killed, and begins an empty ledger.
 *
 * @param options whether a node is to run on this machine; what interrupts; who hears about it
 * @throws {PlatformError} if a platform runs already, here or from another checkout
 */
export async function beginSession(options: {
  readonly embedded: boolean;
  readonly signal: AbortSignal | undefined;
  readonly say: Say;
}): Promise<PlatformSession> {
  ensureLocalDirectories();
  if (options.embedded) ensureMachineDirectories();
  const locks = options.embedded
    ? [sessionFiles.checkoutLock, sessionFiles.machineLock]
    : [sessionFiles.checkoutLock];
  takeLocks(locks);
  await removeLeftovers(options.say);
  const file = options.embedded ? sessionFiles.machineLedger : sessionFiles.checkoutLedger;
  const ledger = Ledger.create(file);
  const own = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, own.signal]) : own.signal;
  const supervisor = new Supervisor({ ledger, logDirectory, signal });
  const end = once(async () => {
    own.abort();
    await supervisor.stopAll();
    if (options.embedded) await removeNodeLeftovers();
    removeDirectories(ledger.directories);
    removeEnvironmentFile();
    ledger.close();
    for (const lock of locks.toReversed()) unlock(lock);
    liveSessions.delete(session);
  });
  const session = { supervisor, end };
  liveSessions.add(session);
  return session;
}

/** However often it is called, the work is done once, and everybody waits for it. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

/**
 * Cleans up after launchers that are dead: ours, and as root that of any checkout of this machine.
 *
 * @returns whether there was anything
 */
export async function removeLeftovers(say: Say): Promise<boolean> {
  let found = false;
  for (const file of [sessionFiles.checkoutLedger, sessionFiles.machineLedger]) {
    if (file === sessionFiles.machineLedger && !isRoot()) continue;
    const { kind } = decideLeftovers(readLedger(file), isAlive);
    if (kind !== 'clean') continue;
    found = true;
    say('  cleaning up after a platform that was killed');
    await cleanLeftovers(
      file,
      file === sessionFiles.machineLedger ? removeNodeLeftovers : undefined,
    );
    Ledger.create(file).close();
  }
  if (found) removeEnvironmentFile();
  removeDeadLocks();
  return found;
}

/** A lock whose holder is dead stops nobody, but should not lie about. */
function removeDeadLocks(): void {
  for (const lock of [sessionFiles.checkoutLock, sessionFiles.machineLock]) {
    const holder = readLockHolder(lock);
    if (holder && !isAlive(holder)) unlock(lock);
  }
}

function removeDirectories(directories: readonly string[]): void {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
}

function takeLocks(locks: readonly string[]): void {
  const taken: string[] = [];
  for (const lock of locks) {
    const holder = tryLock(lock);
    if (holder) {
      for (const own of taken) unlock(own);
      throw new PlatformError(alreadyRunning(holder));
    }
    taken.push(lock);
  }
}

function alreadyRunning(holder: LockHolder): string {
  const stop = path.join(holder.checkout, 'script', 'stop');
  return (
    `A platform runs on this machine already, started from ${holder.checkout} ` +
    `(process ${holder.pid}). Stop it with ${stop}, then start again.`
  );
}
