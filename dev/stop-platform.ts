import { setTimeout as sleep } from 'node:timers/promises';
import { isRoot } from './paths.ts';
import { removeLeftovers, sessionFiles } from './platform-session.ts';
import { readLockHolder } from './processes/file-lock.ts';
import type { ProcessIdentity } from './processes/process-identity.ts';
import { identifyProcess, isAlive } from './processes/process-identity.ts';
import { sayOnTerminal } from './processes/say.ts';

/**
 * Stops the platform of this checkout, and waits until it has taken everything down; cleans up if
 * its launcher was killed.
 *
 * @param launcher the process that is known to have started it; else whoever holds the lock
 * @returns whether there was anything to stop
 */
export async function stopPlatform(launcher?: { pid: number | undefined }): Promise<boolean> {
  const holder = launcher?.pid
    ? identifyProcess(launcher.pid)
    : readLockHolder(sessionFiles.checkoutLock);
  if (holder && isAlive(holder)) {
    process.kill(holder.pid, 'SIGTERM');
    await waitForEnd(holder);
    return true;
  }
  return removeLeftovers(sayOnTerminal);
}

async function waitForEnd(holder: ProcessIdentity): Promise<void> {
  while (isAlive(holder)) await sleep(50);
}

/** Who runs a platform from another checkout of this machine, if anybody does. */
export function findForeignPlatform(): string | null {
  if (!isRoot()) return null;
  const holder = readLockHolder(sessionFiles.machineLock);
  return holder && isAlive(holder) ? holder.checkout : null;
}
