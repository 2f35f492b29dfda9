import { LineWriter } from './line-writer.ts';
import { redact } from './redaction.ts';

/** Fields of a log line besides its message. */
export type LogFields = Record<string, unknown>;

/** What the code logs through. ERROR: someone must act. WARN: it mends itself. INFO: a fact for later. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger;
}

/** Settings of {@link createLogger}. */
export interface LoggerOptions {
  level: 'error' | 'warn' | 'info' | 'debug';
  /** `api`, `operator` or `runner`. */
  service: string;
}

const SEVERITY = { error: 0, warn: 1, info: 2, debug: 3 } as const;

type Level = keyof typeof SEVERITY;

const standardOutput = new LineWriter((text) => void process.stdout.write(text));

/**
 * A logger that writes one JSON object a line: `time`, `level`, `message`, `service` and fields,
 * with secrets masked.
 *
 * @param writer standard output, unless it is said
 */
export function createLogger(options: LoggerOptions, writer = standardOutput): Logger {
  const threshold = SEVERITY[options.level];
  return new JsonLogger({ writer, threshold }, redactFields({ service: options.service }));
}

interface Output {
  writer: LineWriter;
  threshold: number;
}

class JsonLogger implements Logger {
  readonly #output: Output;
  /** Masked already. */
  readonly #fields: LogFields;

  constructor(output: Output, fields: LogFields) {
    this.#output = output;
    this.#fields = fields;
  }

  error(message: string, fields?: LogFields): void {
    this.#log('error', message, fields);
    // Somebody must act, perhaps because the process is about to break.
    this.#output.writer.flush();
  }

  warn(message: string, fields?: LogFields): void {
    this.#log('warn', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#log('info', message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.#log('debug', message, fields);
  }

  child(fields: LogFields): Logger {
    return new JsonLogger(this.#output, { ...this.#fields, ...redactFields(fields) });
  }

  #log(level: Level, message: string, fields: LogFields = {}): void {
    if (SEVERITY[level] > this.#output.threshold) return;
    const head = { time: new Date().toISOString(), level, message: redact(message) };
    // At the end again: fields do not take the place of what every line has.
    const line = { ...head, ...this.#fields, ...redactFields(fields), ...head };
    this.#output.writer.add(JSON.stringify(line));
  }
}

function redactFields(fields: LogFields): LogFields {
  return redact(fields) as LogFields;
}
