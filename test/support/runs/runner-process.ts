import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunAccess } from '../../../operator/terraform/run-contract.ts';
import { eventually } from '../eventually.ts';

const main = path.resolve(import.meta.dirname, '../../../operator/runner/main.ts');

/** A runner, as it would run in its pod. */
export interface RunnerProcess {
  /** Everything that it wrote so far. */
  output(): string;
  /** Waits until it has written something. */
  until(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Its exit status, when it has ended. */
  exited: Promise<number | null>;
  directory: string;
  /** Its process id, where it could be started. */
  pid: number | undefined;
}

/** Starts the real runner with a folder of its own, which goes when the runner has ended. */
export function startRunner(
  access: RunAccess,
  tofu: string,
  environment: Record<string, string> = {},
): RunnerProcess {
  const directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-run-'));
  writeFileSync(path.join(directory, 'run.json'), JSON.stringify(access), { mode: 0o600 });
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      RUN_FILE: path.join(directory, 'run.json'),
      WORK_DIRECTORY: path.join(directory, 'work'),
      OPENTOFU_PROGRAM: tofu,
      PLATFORM_DIRECTORY: path.resolve(import.meta.dirname, '../../..'),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (part: Buffer): void => void (output += part.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  const exited = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      process.off('exit', killNow);
      rmSync(directory, { recursive: true, force: true });
      resolve(code);
    }),
  );
  return {
    output: () => output,
    until: (text) =>
      eventually(() => {
        if (output.includes(text)) return;
        throw new Error(`the runner did not write "${text}":\n${output}`);
      }, 15_000),
    kill: (signal) => void child.kill(signal),
    exited,
    directory,
    pid: child.pid,
  };
}
