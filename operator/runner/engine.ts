import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Cancellation } from '../terraform/classify-failure.ts';
import { parseEngineLine, type Diagnostic } from '../terraform/engine-events.ts';
import type { Changes } from '../terraform/run-contract.ts';
import { EngineMissingError } from './errors.ts';

const STDERR_LINES = 50;

/** One command of the engine. */
export interface EngineCommand {
  program: string;
  arguments: readonly string[];
  directory: string;
  environment: Record<string, string | undefined>;
  /** Aborted with a {@link Cancellation} as its reason when the engine is to stop. */
  signal: AbortSignal;
  /** How long it may take to stop. */
  graceMs: number;
  /** Hears what it says, line by line. */
  onText: (text: string) => void;
}

/** How a command ended, and what it said. */
export interface EngineExit {
  code: number | null;
  signal: string | undefined;
  cancelled: Cancellation | undefined;
  diagnostics: Diagnostic[];
  changes: Changes | undefined;
  /** The end of what it wrote to standard error. */
  errorText: string;
}

/**
 * Runs a command that speaks JSON lines. When it is to stop it gets one SIGTERM, on which it saves
 * its state; a second signal would make it stop without, so only the end of the grace brings SIGKILL.
 *
 * @throws {EngineMissingError} if there is no such program
 */
export async function runEngine(command: EngineCommand): Promise<EngineExit> {
  const child = startEngine(command);
  const diagnostics: Diagnostic[] = [];
  const errorLines: string[] = [];
  let changes: Changes | undefined;
  const stopWatching = cancelOnAbort(child, command);
  const exit = waitForExit(child, command.program);
  await Promise.all([
    readLines(child.stdout, (line) => {
      const event = parseEngineLine(line);
      if (event.kind === 'diagnostic') diagnostics.push(event.diagnostic);
      if (event.kind === 'changes') changes = event.changes;
      command.onText(event.text);
    }),
    readLines(child.stderr, (line) => {
      errorLines.push(line);
      if (errorLines.length > STDERR_LINES) errorLines.shift();
      command.onText(line);
    }),
    exit,
  ]).finally(stopWatching);
  const cancelled = command.signal.aborted ? (command.signal.reason as Cancellation) : undefined;
  return { ...(await exit), cancelled, diagnostics, changes, errorText: errorLines.join('\n') };
}

/**
 * Runs a command and gives its standard output, which nobody else hears: it holds secrets.
 *
 * @returns undefined if it failed
 * @throws {EngineMissingError} if there is no such program
 */
export async function captureEngine(
  command: Omit<EngineCommand, 'onText'>,
): Promise<string | undefined> {
  const child = startEngine(command);
  const parts: string[] = [];
  const stopWatching = cancelOnAbort(child, command);
  const exit = waitForExit(child, command.program);
  await Promise.all([
    readLines(child.stdout, (line) => parts.push(line)),
    readLines(child.stderr, () => undefined),
    exit,
  ]).finally(stopWatching);
  return (await exit).code === 0 ? parts.join('\n') : undefined;
}

type Engine = ChildProcess & { stdout: Readable; stderr: Readable };

function startEngine(command: Omit<EngineCommand, 'onText'>): Engine {
  return spawn(command.program, command.arguments, {
    cwd: command.directory,
    env: command.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function waitForExit(
  child: ChildProcess,
  program: string,
): Promise<Pick<EngineExit, 'code' | 'signal'>> {
  const name = path.basename(program);
  const message = `the engine cannot be started: this image has no usable program "${name}"`;
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new EngineMissingError(message, { cause })));
    child.once('exit', (code, signal) => resolve({ code, signal: signal ?? undefined }));
  });
}

function cancelOnAbort(
  child: ChildProcess,
  { signal, graceMs }: Pick<EngineCommand, 'signal' | 'graceMs'>,
): () => void {
  let force: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    child.kill('SIGTERM');
    force = setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  return () => {
    clearTimeout(force);
    signal.removeEventListener('abort', cancel);
  };
}

async function readLines(stream: Readable, onLine: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) onLine(line);
}
