/** What a statement gets for its parameters; JSON as its text. */
export type StatementValue = string | number | boolean | Date | null;

/** A statement with its values, as it is sent: prepared by name, once on each connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly (string | null)[];
}

/** A row as PostgreSQL writes it: the text of each column, in the order of the statement. */
export type Row = readonly (string | null)[];

const texts = new Map<string, string>();

/**
 * A statement that is sent often, with other values each time.
 *
 * @param name by which every connection knows it; one text, one name
 * @param text SQL, with `$1`, `$2`, … for the values
 * @throws {TypeError} when the name belongs to another text
 */
export function defineStatement(
  name: string,
  text: string,
): (...values: readonly StatementValue[]) => Statement {
  if ((texts.get(name) ?? text) !== text) throw new TypeError(`two statements are named ${name}`);
  texts.set(name, text);
  const serverName = `qs_${name}`;
  return (...values) => ({ name: serverName, text, values: values.map(toText) });
}

/** The value of a column that is never null. @throws {TypeError} when it is */
export function required(value: string | null | undefined): string {
  if (value === null || value === undefined) throw new TypeError('a column has no value');
  return value;
}

function toText(value: StatementValue): string | null {
  if (value === null || typeof value === 'string') return value;
  return value instanceof Date ? value.toISOString() : String(value);
}
