import { InvalidRunInputsError } from './errors.ts';

/** What `${…}` in the variables of a class can stand for; undefined when it is not known. */
export type Placeholders = Record<string, string | undefined>;

const PLACEHOLDER = /\$\{([^}]*)\}/g;

/**
 * A copy of a value with the placeholders in all its texts filled in.
 *
 * @throws {InvalidRunInputsError} for a placeholder that has no value here
 */
export function fillPlaceholders(value: unknown, placeholders: Placeholders): unknown {
  if (typeof value === 'string') {
    return value.replace(PLACEHOLDER, (_, name: string) => lookUp(name, placeholders));
  }
  if (Array.isArray(value)) return value.map((item) => fillPlaceholders(item, placeholders));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fillPlaceholders(item, placeholders)]),
  );
}

function lookUp(name: string, placeholders: Placeholders): string {
  const value = Object.hasOwn(placeholders, name) ? placeholders[name] : undefined;
  if (value !== undefined) return value;
  throw new InvalidRunInputsError(
    `the class uses \${${name}}, which has no value here: is the namespace a project's?`,
  );
}
