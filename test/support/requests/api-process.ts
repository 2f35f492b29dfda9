import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const program = path.resolve(import.meta.dirname, '../../../api/main.ts');

/** The real api as a process, which can be killed at any moment and started again. */
export class ApiProcess {
  readonly url: string;
  readonly #environment: Record<string, string>;
  #child: ChildProcess | undefined;
  #output = '';

  /** @param environment settings of the api; the port is part of them */
  constructor(environment: Record<string, string> & { PORT: string }) {
    this.#environment = environment;
    this.url = `http://127.0.0.1:${environment.PORT}`;
  }

  /** What it wrote last, for the message of a test that fails. */
  get output(): string {
    return this.#output;
  }

  /** Starts it; it is ready some time later. */
  start(): void {
    const child = spawn(process.execPath, [program], {
      env: { PATH: process.env['PATH'], ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const collect = (part: Buffer): void => {
      this.#output = (this.#output + part.toString()).slice(-20_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const killNow = (): void => void child.kill('SIGKILL');
    process.once('exit', killNow);
    child.once('exit', () => process.off('exit', killNow));
    this.#child = child;
  }

  /** Whether it serves calls. */
  async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/ready`)).status === 200;
    } catch {
      return false;
    }
  }

  /** Ends it: at once with SIGKILL, in order with SIGTERM. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
