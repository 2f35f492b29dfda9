import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { throwIfInterrupted } from '../errors.ts';
import { checkoutDirectory } from '../paths.ts';
import { identifyProcess, isAlive } from './process-identity.ts';

const holderSchema = z.object({ pid: z.number(), startTime: z.string(), checkout: z.string() });

/** Who holds a lock. */
export type LockHolder = z.output<typeof holderSchema>;

/**
 * Takes a lock that lasts as long as this process: a file that names its holder, made by linking a
 * complete draft, so that nobody ever reads half of it. The lock of a dead holder is taken over.
 *
 * @param file path of the lock
 * @returns null when it is ours now, else who holds it
 */
export function tryLock(file: string): LockHolder | null {
  const self = identifyProcess(process.pid) ?? { pid: process.pid, startTime: '' };
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ ...self, checkout: checkoutDirectory }), { mode: 0o644 });
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (linkIfFree(draft, file)) return null;
      const holder = readLockHolder(file);
      if (holder && isAlive(holder)) return holder;
      rmSync(file, { force: true });
    }
    return readLockHolder(file);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Gives a lock back. */
export function unlock(file: string): void {
  rmSync(file, { force: true });
}

/**
 * @param file path of a lock
 * @returns who holds it, dead or alive, or null
 */
export function readLockHolder(file: string): LockHolder | null {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Waits for a lock, does the work, gives the lock back. */
export async function withFileLock<T>(
  file: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  while (tryLock(file)) {
    throwIfInterrupted(signal);
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    unlock(file);
  }
}

function linkIfFree(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch {
    return false;
  }
}
