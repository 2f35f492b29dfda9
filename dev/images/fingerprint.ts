import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** What decides how an image turns out. */
export interface ImageInputs {
  /** Files and folders, by content; one that is missing counts as missing. */
  readonly sources: readonly string[];
  /** Large programs, by path, size and time: reading them would take longer than the build check. */
  readonly programs?: readonly string[];
  /** Anything else: versions, fingerprints of base images. */
  readonly texts?: readonly string[];
}

/**
 * @param inputs what decides how an image turns out
 * @returns the same short text for the same inputs, another one for others
 */
export function computeFingerprint(inputs: ImageInputs): string {
  const hash = createHash('sha256');
  for (const source of inputs.sources) addSource(hash, source, path.basename(source));
  for (const program of inputs.programs ?? []) {
    const { size, mtimeMs } = statSync(program);
    hash.update(JSON.stringify([program, size, mtimeMs]));
  }
  hash.update(JSON.stringify(inputs.texts ?? []));
  return hash.digest('hex').slice(0, 16);
}

/** Adds a file with its name, or a folder with all its files in a fixed order. */
function addSource(hash: Hash, source: string, name: string): void {
  const entry = statSync(source, { throwIfNoEntry: false });
  if (entry?.isDirectory()) {
    for (const child of readdirSync(source).sort()) {
      addSource(hash, path.join(source, child), `${name}/${child}`);
    }
    return;
  }
  const content = entry ? readFileSync(source) : Buffer.alloc(0);
  hash.update(JSON.stringify([name, entry?.mode, content.length]));
  hash.update(content);
}
