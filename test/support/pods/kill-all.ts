import { readFileSync } from 'node:fs';

/** Kills a process with everything that it started, as the end of a pod's first process does. */
export function killAll(pid: number | undefined): void {
  if (pid === undefined) return;
  const pids = [pid, ...descendants(pid)];
  for (const each of pids) {
    try {
      process.kill(each, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

function descendants(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
