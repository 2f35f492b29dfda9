import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Root of the checkout. */
export const checkoutDirectory = path.resolve(import.meta.dirname, '../../..');

/** What a module says about itself, read from its files. */
export interface ModuleFiles {
  readonly variables: readonly string[];
  readonly outputs: readonly string[];
  /** Provider → exact version. */
  readonly providers: Readonly<Record<string, string>>;
}

/**
 * Reads the names that a module declares. A few patterns are enough: `tofu fmt` gives the files one
 * layout, and `tofu validate` is what checks the rest.
 *
 * @param directory folder of the module
 */
export function readModule(directory: string): ModuleFiles {
  const text = readdirSync(directory)
    .filter((name) => name.endsWith('.tf'))
    .map((name) => readFileSync(path.join(directory, name), 'utf8'))
    .join('\n');
  return {
    variables: findNames(text, /^variable "([^"]+)"/gm),
    outputs: findNames(text, /^output "([^"]+)"/gm),
    providers: readProviders(text),
  };
}

/** @returns the providers that a text requires, each with its version */
export function readProviders(text: string): Record<string, string> {
  const pattern = /source\s+= "([^"]+)"\n\s+version = "([^"]+)"/g;
  return Object.fromEntries(
    [...text.matchAll(pattern)].map((match): [string, string] => [match[1] ?? '', match[2] ?? '']),
  );
}

function findNames(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '').sort();
}
