import { readFile } from 'node:fs/promises';
import type { RunAccess } from '../terraform/run-contract.ts';
import { RunFileError } from './errors.ts';

const FIELDS = ['url', 'ca', 'token', 'run'] as const;

/** @throws {RunFileError} if the file is not there or lacks something; it never quotes the file */
export async function readRunFile(file: string): Promise<RunAccess> {
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new RunFileError('the run file cannot be read', { cause: error });
  });
  const fields = parse(content);
  const [url, ca, token, run] = FIELDS.map((name) => {
    const value = fields[name];
    if (typeof value !== 'string') throw new RunFileError(`the run file has no ${name}`);
    return value;
  }) as [string, string, string, string];
  return { url, ca, token, run };
}

function parse(content: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(content)) as Record<string, unknown>;
  } catch {
    throw new RunFileError('the run file is not JSON');
  }
}
