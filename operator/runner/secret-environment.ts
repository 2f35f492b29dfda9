import { collectTexts } from '../terraform/module-outputs.ts';

/** Names of variables and of fields whose values are secret. */
const SECRET_NAME =
  /secret|token|passw|passphrase|credential|private|access_key|api_?key|_key$|^key$/i;
/** Names of variables that stand in every pod, or tell a provider where to work and not as whom. */
const PLAIN_NAME =
  /^(path|home|pwd|lang|tz|term|shell|shlvl|tf_in_automation|tf_input)$|^(node|lc|npm|kubernetes|xdg|ssl)_|(region|zone|location|host|hostname|port|user|username|user_name|project|account_id|file|path|dir|directory|program|seconds|version)$/i;
/** What is shorter is a word of the trade in any other variable. */
const SHORTEST = { secret: 6, other: 12 };

/**
 * Values of our own environment that no log may show. A class brings its credentials as variables
 * whose names it chooses, so whatever is not known to be plain is secret; so are passwords in URLs,
 * and what JSON files of credentials hold.
 */
export function listSecretValues(own: Record<string, string | undefined>): string[] {
  return Object.entries(own).flatMap(([name, value]) =>
    value !== undefined && isSecret(name, value) ? [value, ...listPartsOf(value)] : [],
  );
}

function isSecret(name: string, value: string): boolean {
  if (SECRET_NAME.test(name)) return value.length >= SHORTEST.secret;
  return !PLAIN_NAME.test(name) && value.length >= SHORTEST.other;
}

function listPartsOf(value: string): string[] {
  return [...listPasswords(value), ...listFields(parseJson(value))];
}

function listPasswords(value: string): string[] {
  const { password = '' } = URL.parse(value) ?? {};
  return [password, decode(password)].filter(({ length }) => length >= SHORTEST.secret);
}

function listFields(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]: [string, unknown]) =>
    SECRET_NAME.test(name)
      ? collectTexts(item).filter(({ length }) => length >= SHORTEST.secret)
      : listFields(item),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
