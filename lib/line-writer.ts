/** Where lines go. */
export type Write = (text: string) => void;

/**
 * Writes lines together that come in one turn of the event loop: a write costs more than the line.
 * What is left when the process ends is written then.
 */
export class LineWriter {
  readonly #write: Write;
  #waiting = '';

  constructor(write: Write) {
    this.#write = write;
    process.once('exit', () => this.flush());
  }

  /** Takes a line; it is written before the event loop waits for anything. */
  add(line: string): void {
    if (this.#waiting === '') setImmediate(() => this.flush());
    this.#waiting += `${line}\n`;
  }

  /** Writes what waits now. */
  flush(): void {
    if (this.#waiting === '') return;
    const text = this.#waiting;
    this.#waiting = '';
    this.#write(text);
  }
}
