import winston from 'winston';
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

const redactFields = winston.format((info) => {
  for (const [key, value] of Object.entries(info)) info[key] = redactEntry(key, value);
  return info;
});

function redactEntry(key: string, value: unknown): unknown {
  // redact() on an object, so that a sensitive key at the top level is seen as well.
  return (redact({ [key]: value }) as Record<string, unknown>)[key];
}

/**
 * A logger that writes one JSON object a line to standard output: `time`, `level`, `message`,
 * `service` and fields, with secrets masked.
 */
export function createLogger(options: LoggerOptions): Logger {
  return winston.createLogger({
    level: options.level,
    defaultMeta: { service: options.service },
    format: winston.format.combine(
      redactFields(),
      winston.format.timestamp({ alias: 'time' }),
      winston.format.printf((info) => {
        const { timestamp: time, level, message, ...fields } = info;
        delete fields['time'];
        return JSON.stringify({ time, level, message, ...fields });
      }),
    ),
    transports: [new winston.transports.Console()],
  });
}
