import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { eventually } from '../eventually.ts';
import type { ArmMessage, CounterMessage, KillPoint } from './write-counter.ts';

const program = path.resolve(import.meta.dirname, '../../../operator/main.ts');
const counter = pathToFileURL(path.join(import.meta.dirname, 'write-counter.ts')).href;
const START_MS = 60_000;

/** What {@link OperatorProcess} needs. */
export interface OperatorProcessOptions {
  environment: Record<string, string>;
  /** Called when it was killed as it was told to, before it starts again. */
  onKilled?: () => Promise<void>;
}

/**
 * The real operator as a process, started again whenever it ends, as a kubelet does. It counts its
 * writes, and can be told at which of them it is killed.
 */
export class OperatorProcess {
  readonly #options: OperatorProcessOptions;
  #child: ChildProcess | undefined;
  #output = '';
  #kill: KillPoint | undefined;
  #isArmed = false;
  #isStopping = false;
  /** Writes since it was armed. */
  writes: string[] = [];
  /** When it was killed as it was told to. */
  killedAt: number | undefined;
  /** Every other end that nobody asked for. */
  readonly accidents: string[] = [];

  constructor(options: OperatorProcessOptions) {
    this.#options = options;
  }

  /** Everything that it has said, over all its lives. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it, and waits until it works, or until it has said something else. */
  async start(text = 'this process leads now'): Promise<void> {
    this.#spawn();
    await this.awaitOutput(text);
  }

  awaitOutput(text: string): Promise<void> {
    return eventually(
      () => {
        if (!this.#output.includes(text)) throw new Error(`no "${text}" in:\n${this.#output}`);
      },
      START_MS,
      50,
    );
  }

  /** Counts from 0 from now on, and kills it at this write; without one it only counts. */
  async arm(kill?: KillPoint): Promise<void> {
    this.#kill = kill;
    this.killedAt = undefined;
    this.#isArmed = false;
    this.#tell();
    await eventually(() => {
      if (!this.#isArmed) throw new Error('the process does not listen');
    }, START_MS);
    this.writes = [];
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends it in order. @returns its exit code */
  async stop(): Promise<number | null> {
    this.#isStopping = true;
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = (await ended) as [number | null];
    return code;
  }

  #spawn(): void {
    const child = spawn(process.execPath, ['--import', counter, program], {
      env: { PATH: process.env['PATH'], ...this.#options.environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    const collect = (part: Buffer): void => void (this.#output += part.toString());
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('message', (message: CounterMessage) => {
      if (message.kind === 'armed') this.#isArmed = true;
      else this.writes.push(message.operation);
    });
    const killNow = (): void => void child.kill('SIGKILL');
    process.once('exit', killNow);
    child.once('exit', (code, signal) => {
      process.off('exit', killNow);
      if (!this.#isStopping) void this.#revive(code, signal);
    });
  }

  async #revive(code: number | null, signal: string | null): Promise<void> {
    if (signal === 'SIGKILL' && this.#kill !== undefined) {
      this.#kill = undefined;
      this.killedAt = performance.now();
      await this.#options.onKilled?.();
    } else {
      this.accidents.push(`${code ?? signal}: ${this.#output.slice(-2_000)}`);
    }
    if (this.#isStopping) return;
    this.#spawn();
    // Whatever ended it, the point that it was told of still counts.
    if (this.#kill !== undefined) this.#tell();
  }

  #tell(): void {
    const message: ArmMessage = { kill: this.#kill };
    this.#child?.send(message, () => undefined);
  }
}
