import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { PlatformError, throwIfInterrupted } from '../errors.ts';
import { buildEnvironment } from './environment.ts';
import { killGroup, signalGroup } from './kill.ts';
import type { Ledger } from './ledger.ts';
import { killMarkedProcesses } from './leftovers.ts';
import { readLogTail } from './log-tail.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { identifyProcess } from './process-identity.ts';

/** A program to start. The arguments never pass a shell. */
export interface ProcessSpec {
  /** Name in messages, in the ledger and of the log file. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** How long it may take to end after SIGTERM. */
  readonly graceMs?: number;
  /** What asks it to end; SIGTERM if not given. */
  readonly stopSignal?: NodeJS.Signals;
  /** What ends it when nothing can be awaited; SIGKILL if not given. */
  readonly lastSignal?: NodeJS.Signals;
}

/** A program that runs until it is stopped. */
export interface RunningProcess {
  readonly name: string;
  readonly identity: ProcessIdentity;
  readonly logFile: string;
  /** Settles when it has ended, for whatever reason. */
  readonly exited: Promise<void>;
  hasExited(): boolean;
}

/** What a supervisor is made with. */
export interface SupervisorOptions {
  readonly ledger: Ledger;
  readonly logDirectory: string;
  /** Aborted when everything is to go down: nothing starts any more, waits and builds end. */
  readonly signal?: AbortSignal | undefined;
  /** The programs do not keep this process alive. */
  readonly background?: boolean;
}

interface Entry extends RunningProcess {
  readonly spec: ProcessSpec;
}

/**
 * Starts programs, each in a process group of its own with a log file of its own, keeps them in the
 * ledger, and stops them in reverse order. Groups of their own, so that a Ctrl-C in the terminal
 * reaches only the launcher, which then takes everything down in order.
 */
export class Supervisor {
  readonly ledger: Ledger;
  readonly signal: AbortSignal | undefined;
  readonly #logDirectory: string;
  readonly #background: boolean;
  readonly #running: Entry[] = [];
  #stopping = false;
  #onUnexpectedExit: (ended: RunningProcess) => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.ledger = options.ledger;
    this.#background = options.background ?? false;
    this.signal = options.signal;
    this.#logDirectory = options.logDirectory;
    mkdirSync(options.logDirectory, { recursive: true });
  }

  /** Calls back when a program ends that nobody stopped. */
  onUnexpectedExit(callback: (ended: RunningProcess) => void): void {
    this.#onUnexpectedExit = callback;
  }

  /**
   * Starts a program and returns at once; it is in the ledger when this returns.
   *
   * @throws {InterruptedError} when everything is being taken down already
   * @throws {PlatformError} if the program cannot be started
   */
  start(spec: ProcessSpec): RunningProcess {
    const { child, identity, logFile } = this.#spawn(spec);
    if (this.#background) child.unref();
    let ended = false;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const entry: Entry = {
      name: spec.name,
      identity,
      logFile,
      exited,
      hasExited: () => ended,
      spec,
    };
    this.#running.push(entry);
    child.once('exit', () => {
      ended = true;
      this.#forget(entry);
    });
    return entry;
  }

  /**
   * Runs a program to its end; an interruption ends it.
   *
   * @returns what it wrote to its standard output (its standard error goes to the log)
   * @throws {PlatformError} if it ends with another status than 0, with the end of its log
   */
  async run(spec: ProcessSpec): Promise<string> {
    const { child, identity, logFile } = this.#spawn(spec, 'pipe');
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    const interrupt = (): void => signalGroup(identity.pid, 'SIGTERM');
    this.signal?.addEventListener('abort', interrupt);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    this.signal?.removeEventListener('abort', interrupt);
    this.ledger.removeProcess(identity.pid);
    throwIfInterrupted(this.signal);
    const output = Buffer.concat(chunks).toString('utf8');
    if (code === 0) return output;
    throw new PlatformError(
      `${spec.name} failed (status ${code ?? 'none'}); see ${logFile}\n${readLogTail(logFile)}`,
    );
  }

  /** Stops one program; one that has ended is fine. */
  async stop(running: RunningProcess): Promise<void> {
    const index = this.#running.findIndex((entry) => entry === running);
    const [entry] = index < 0 ? [] : this.#running.splice(index, 1);
    if (!entry) return;
    await killGroup(entry.identity, entry.spec.graceMs ?? 5000, entry.spec.stopSignal);
    this.ledger.removeProcess(entry.identity.pid);
  }

  /** Stops everything in reverse order of start, then whatever else carries our marker. */
  async stopAll(): Promise<void> {
    this.#stopping = true;
    for (let entry = this.#running.at(-1); entry; entry = this.#running.at(-1)) {
      await this.stop(entry);
    }
    await killMarkedProcesses(this.ledger.file);
  }

  /** For the moment in which nothing can be awaited any more: ends all of them at once. */
  killAllNow(): void {
    this.#stopping = true;
    for (const { identity, spec } of this.#running.toReversed()) {
      signalGroup(identity.pid, spec.lastSignal ?? 'SIGKILL');
    }
  }

  #spawn(
    spec: ProcessSpec,
    stdout?: 'pipe',
  ): { child: ChildProcess; identity: ProcessIdentity; logFile: string } {
    throwIfInterrupted(this.signal);
    const logFile = path.join(this.#logDirectory, `${spec.name}.log`);
    const log = openSync(logFile, 'w', 0o600);
    const child = spawn(spec.command, spec.args, {
      detached: true,
      stdio: ['ignore', stdout ?? log, log],
      env: buildEnvironment(spec.env ?? {}, this.ledger.file),
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
    });
    closeSync(log);
    // The exit code tells; without a listener a failed start would end the launcher.
    child.on('error', () => undefined);
    if (child.pid === undefined) {
      throw new PlatformError(`${spec.name} cannot be started: ${spec.command}`);
    }
    const identity = identifyProcess(child.pid) ?? { pid: child.pid, startTime: '' };
    this.ledger.addProcess({ name: spec.name, ...identity });
    return { child, identity, logFile };
  }

  #forget(entry: Entry): void {
    const index = this.#running.indexOf(entry);
    if (index < 0) return;
    this.#running.splice(index, 1);
    this.ledger.removeProcess(entry.identity.pid);
    if (!this.#stopping) this.#onUnexpectedExit(entry);
  }
}
