import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { localDirectory } from './paths.ts';
import { writeFileAtomically } from './processes/write-file.ts';

/** The file that tells people and scripts how to reach the platform. */
export const environmentFile = path.join(localDirectory, 'env');

/**
 * Writes `.local/env` in shell syntax, readable only by its owner.
 *
 * @param variables names and values
 * @param programs folders that go in front of the PATH, such as that of kubectl
 */
export function writeEnvironmentFile(
  variables: Readonly<Record<string, string>>,
  programs: readonly string[],
): void {
  const lines = [
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`),
    ...programs.map((folder) => `export PATH=${quote(folder)}:"$PATH"`),
  ];
  writeFileAtomically(environmentFile, `${lines.join('\n')}\n`, 0o600);
}

/** @returns the variables of `.local/env`; empty if no platform runs */
export function readEnvironmentFile(): Record<string, string> {
  try {
    return parseEnvironmentFile(readFileSync(environmentFile, 'utf8'));
  } catch {
    return {};
  }
}

/** The platform is down: what the file says is no longer true. */
export function removeEnvironmentFile(): void {
  rmSync(environmentFile, { force: true });
}

/** @returns the variables that lines `export NAME='value'` set */
export function parseEnvironmentFile(text: string): Record<string, string> {
  const lines = text.matchAll(/^export ([A-Z_]+)='((?:[^']|'\\'')*)'$/gm);
  return Object.fromEntries(
    [...lines].map(([, name = '', value = '']) => [name, value.replaceAll(`'\\''`, `'`)]),
  );
}

/** Single quotes, in which the shell changes nothing. */
function quote(value: string): string {
  return `'${value.replaceAll(`'`, `'\\''`)}'`;
}
