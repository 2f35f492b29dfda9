import { performance } from 'node:perf_hooks';

/** One finished step. */
export interface StepTime {
  title: string;
  milliseconds: number;
}

/** Tells the story of the demo: a line a step with its duration, details below it, a table at the end. */
export class Narrator {
  readonly #times: StepTime[] = [];
  readonly #write: (line: string) => void;

  /** @param write takes one line, usually `console.log` */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** Does one step and says how long it took; a failure is told and goes on to the caller. */
  async step<T>(title: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      const result = await work();
      this.#finish(title, performance.now() - start, '✔');
      return result;
    } catch (error) {
      this.#finish(title, performance.now() - start, '✘');
      throw error;
    }
  }

  /** Something that the step found out, indented below it. */
  detail(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.#write(`      ${line}`);
  }

  /** A heading between parts. */
  heading(text: string): void {
    this.#write(`\n── ${text}`);
  }

  /** The table of all steps with their durations and the sum. */
  table(): string {
    const width = Math.max(...this.#times.map((time) => time.title.length), 5);
    const rows = this.#times.map((time) => `  ${time.title.padEnd(width)}  ${seconds(time)}`);
    const total = this.#times.reduce((sum, time) => sum + time.milliseconds, 0);
    return [...rows, `  ${'total'.padEnd(width)}  ${seconds({ milliseconds: total })}`].join('\n');
  }

  #finish(title: string, milliseconds: number, mark: string): void {
    this.#times.push({ title, milliseconds });
    this.#write(`  ${mark} ${title} — ${seconds({ milliseconds }).trim()}`);
  }
}

function seconds(time: { milliseconds: number }): string {
  return `${(time.milliseconds / 1000).toFixed(2).padStart(8)} s`;
}
