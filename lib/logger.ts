import { destination, pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
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

/** What every line has; no field takes its place. */
const OWN_FIELDS = new Set(['time', 'level', 'message']);

/**
 * A logger that writes one JSON object a line: `time`, `level`, `message`, `service` and fields,
 * with secrets masked.
 *
 * @param output standard output, unless it is said; written to at once, so that a crash loses no line
 */
export function createLogger(
  { level, service }: LoggerOptions,
  output: DestinationStream = destination({ dest: 1, sync: true }),
): Logger {
  const options = {
    level,
    base: maskFields({ service }),
    messageKey: 'message',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return new MaskingLogger(pino(options, output));
}

/** Masks secrets before pino sees them. */
class MaskingLogger implements Logger {
  readonly #log: PinoLogger;

  constructor(log: PinoLogger) {
    this.#log = log;
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, fields);
  }

  child(fields: LogFields): Logger {
    return new MaskingLogger(this.#log.child(maskFields(fields)));
  }

  #write(level: LoggerOptions['level'], message: string, fields: LogFields = {}): void {
    if (!this.#log.isLevelEnabled(level)) return;
    // The message as a field: pino would take a "%s" in it for a place to fill in.
    this.#log[level]({ ...maskFields(fields), message: redact(message) });
  }
}

function maskFields(fields: LogFields): LogFields {
  const masked = Object.entries(redact(fields) as LogFields);
  return Object.fromEntries(masked.filter(([name]) => !OWN_FIELDS.has(name)));
}
