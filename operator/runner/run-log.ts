import { buildMask } from '../../lib/redaction.ts';
import type { LogPart } from '../terraform/run-contract.ts';

const FLUSH_MS = 1_000;
/** Below what the run API takes at once. */
const PART_CHARACTERS = 200_000;
/** A line may be an engine's whole output; the end of such a line helps nobody. */
const LINE_CHARACTERS = 20_000;

/** Where the parts of a log go. */
export type SendPart = (sequence: number, text: string) => Promise<void>;

/**
 * The log of a run: every line is masked before it goes anywhere, written to the pod's own log at
 * once, and sent on in parts. A part that cannot be sent is lost; the run goes on.
 */
export class RunLog {
  readonly #send: SendPart;
  readonly #write: (text: string) => void;
  readonly #secrets = new Set<string>();
  #mask = buildMask([]);
  #pending = '';
  #sequence = 0;
  #sending: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  /**
   * @param send keeps a part
   * @param write the pod's own log
   */
  constructor(send: SendPart, write: (text: string) => void) {
    this.#send = send;
    this.#write = write;
    this.#timer = setInterval(() => this.#flush(), FLUSH_MS);
    this.#timer.unref();
  }

  /** From now on these never appear. */
  addSecrets(secrets: Iterable<string>): void {
    for (const secret of secrets) this.#secrets.add(secret);
    this.#mask = buildMask(this.#secrets);
  }

  /** Masks a text as every line of the log is masked. */
  mask = (text: string): string => this.#mask(text);

  /** Adds a line. */
  add(line: string): void {
    const masked = this.#mask(line);
    const bounded =
      masked.length > LINE_CHARACTERS ? `${masked.slice(0, LINE_CHARACTERS)}…` : masked;
    this.#write(`${bounded}\n`);
    this.#pending += `${bounded}\n`;
    if (this.#pending.length >= PART_CHARACTERS) this.#flush();
  }

  /**
   * Ends the log; resolves when every part that is under way was sent.
   *
   * @returns what is left, for whoever reports the end
   */
  async end(): Promise<LogPart | undefined> {
    clearInterval(this.#timer);
    await this.#sending;
    return this.#pending === '' ? undefined : this.#takePart();
  }

  /** One part after another: they carry numbers, but a crash must not leave a hole. */
  #flush(): void {
    if (this.#pending === '') return;
    const { sequence, text } = this.#takePart();
    this.#sending = this.#sending
      .then(() => this.#send(sequence, text))
      .catch(() => this.#write(`part ${sequence} of the log could not be sent\n`));
  }

  #takePart(): LogPart {
    const text = this.#pending;
    this.#pending = '';
    return { sequence: this.#sequence++, text };
  }
}
