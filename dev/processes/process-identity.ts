import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process id with the moment it was started, so that a re-used id is never mistaken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/**
 * @param pid a process id
 * @returns its identity, or null if no such process lives (a zombie does not)
 */
export function identifyProcess(pid: number): ProcessIdentity | null {
  const startTime = process.platform === 'linux' ? readStartTime(pid) : askStartTime(pid);
  return startTime === null ? null : { pid, startTime };
}

/** Whether this very process, and not another one with its id, still lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startTime === identity.startTime;
}

/**
 * @param stat the text of /proc/PID/stat; the command in brackets may contain anything
 * @returns state letter and start time (fields 3 and 22)
 */
export function parseProcessStat(stat: string): { state: string; startTime: string } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', startTime: fields[19] ?? '' };
}

function readStartTime(pid: number): string | null {
  try {
    const { state, startTime } = parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return state === 'Z' || state === 'X' ? null : startTime;
  } catch {
    return null;
  }
}

function askStartTime(pid: number): string | null {
  try {
    const options = { encoding: 'utf8' as const };
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], options).trim() || null;
  } catch {
    return null;
  }
}
