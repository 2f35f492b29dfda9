import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Writes a file whole or not at all, readable only by its owner unless `mode` says otherwise.
 *
 * @param file its path; missing folders are made
 * @param content its text
 * @param mode permissions of the new file
 */
export function writeFileAtomically(file: string, content: string, mode = 0o600): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, content, { mode });
  renameSync(draft, file);
}
