import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureLocalDirectories, logDirectory } from './paths.ts';
import { stopPlatform } from './stop-platform.ts';

const logFile = path.join(logDirectory, 'server.log');

/**
 * Starts `script/server` as a process of its own, which outlives the terminal, and passes on what it
 * says until it is ready.
 *
 * @param args its arguments
 * @param signal interrupts the start, and so stops it
 * @returns an exit status: 0 when the platform is ready
 */
export async function startDetached(args: readonly string[], signal: AbortSignal): Promise<number> {
  ensureLocalDirectories();
  const log = openSync(logFile, 'w', 0o600);
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'server.ts'), ...args], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let shown = 0;
  for (;;) {
    // Ended or not is asked before the log is read, so that its last words are shown.
    const ended = child.exitCode ?? (child.signalCode ? 1 : null);
    const text = readFileSync(logFile, 'utf8');
    process.stdout.write(text.slice(shown));
    shown = text.length;
    if (ended !== null) return ended;
    if (/^Ready after .*\n.*\n/m.test(text)) break;
    if (signal.aborted) await stopPlatform({ pid: child.pid });
    await sleep(100);
  }
  child.unref();
  return 0;
}
