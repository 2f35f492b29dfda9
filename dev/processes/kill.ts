import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessIdentity } from './process-identity.ts';
import { isAlive } from './process-identity.ts';

/**
 * Ends a process, and its group if it leads one: asks it to, and uses SIGKILL if it still lives after the
 * grace. A process that merely has the same id is left alone.
 *
 * @param identity which one
 * @param graceMs how long it may take to end by itself; 0 kills at once
 * @param stopSignal what asks it to end
 */
export async function killGroup(
  identity: ProcessIdentity,
  graceMs: number,
  stopSignal: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  if (!isAlive(identity)) return;
  if (graceMs > 0) {
    signalGroup(identity.pid, stopSignal);
    if (await hasEnded(identity, graceMs)) return;
  }
  signalGroup(identity.pid, 'SIGKILL');
  await hasEnded(identity, 5000);
}

/** Sends a signal to the group that the process leads, or to the process alone. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended in the meantime, which is what was wanted.
    }
  }
}

async function hasEnded(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isAlive(identity)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}
