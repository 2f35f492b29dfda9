import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigurationError } from './errors.ts';

/** Environment variables by name. */
export type Environment = Record<string, string | undefined>;

/**
 * Reads a configuration from the environment: every `NAME_FILE` gives the contents of that file as
 * `NAME` (trailing newline removed), then the schema decides.
 *
 * @param schema an object schema over strings, such as `z.object({ PORT: z.coerce.number() })`
 * @param environment usually `process.env`; empty values count as absent
 * @returns the parsed, frozen configuration
 * @throws {ConfigurationError} with all faults at once; values are never repeated in it
 */
export function readEnvironment<T extends z.ZodObject>(
  schema: T,
  environment: Environment,
): Readonly<z.output<T>> {
  const faults: string[] = [];
  const values: Environment = {};
  for (const name of Object.keys(schema.shape)) {
    values[name] = readValue(name, environment, faults);
  }
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    faults.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  if (!parsed.success || faults.length > 0) throw new ConfigurationError(faults);
  return Object.freeze(parsed.data);
}

function readValue(name: string, environment: Environment, faults: string[]): string | undefined {
  const direct = environment[name];
  const file = environment[`${name}_FILE`];
  if (direct !== undefined && direct !== '') {
    if (file) faults.push(`${name}: set both directly and by ${name}_FILE; set one`);
    return direct;
  }
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch {
    faults.push(`${name}_FILE: the file cannot be read`);
    return undefined;
  }
}
