import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * @param file a log file
 * @param lines how many of its last lines
 * @returns those lines, indented; empty if there is no such file
 */
export function readLogTail(file: string, lines = 12): string {
  try {
    const text = readEnd(file, 16_384).trimEnd();
    return text
      .split('\n')
      .slice(-lines)
      .map((line) => `    ${line}`)
      .join('\n');
  } catch {
    return '';
  }
}

function readEnd(file: string, bytes: number): string {
  const descriptor = openSync(file, 'r');
  try {
    const size = fstatSync(descriptor).size;
    const buffer = Buffer.alloc(Math.min(bytes, size));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}
