import { existsSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../errors.ts';
import { checkoutDirectory } from '../paths.ts';

/** Tests that are run together in one process. */
export interface TestLayer {
  readonly name: string;
  readonly folders: readonly string[];
  /** Runs only where it is named, or everything is asked for by `--full`. */
  readonly isLong?: boolean;
}

/** All layers, the quick ones first. */
export const testLayers: readonly TestLayer[] = [
  { name: 'unit', folders: ['test/unit'] },
  { name: 'db', folders: ['test/db', 'test/http'] },
  { name: 'kube', folders: ['test/kube', 'test/chart'] },
  { name: 'faults', folders: ['test/faults'] },
  { name: 'e2e', folders: ['test/e2e'] },
  { name: 'long', folders: ['test/long'], isLong: true },
];

/** Asks for the long layers too. */
export const fullOption = '--full';

/** The name under which formatting, lint rules and types are checked. */
export const staticLayer = 'static';

/**
 * @param wanted names of layers; none means all but the long ones, `--full` all
 * @returns whether to check statically, and which layers to run, without folders that do not exist
 * @throws {PlatformError} for a name that is no layer
 */
export function selectLayers(wanted: readonly string[]): {
  readonly isStatic: boolean;
  readonly layers: readonly TestLayer[];
} {
  const known = [staticLayer, ...testLayers.map((layer) => layer.name)];
  const names = wanted.filter((name) => name !== fullOption);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new PlatformError(`no such layer: ${unknown.join(', ')}; there are ${known.join(', ')}`);
  }
  const isWanted = (name: string): boolean => names.length === 0 || names.includes(name);
  const isFull = wanted.includes(fullOption) || names.length > 0;
  const layers = testLayers
    .filter((layer) => isWanted(layer.name) && (isFull || layer.isLong !== true))
    .map((layer) => ({ ...layer, folders: layer.folders.filter(isThere) }))
    .filter((layer) => layer.folders.length > 0);
  return { isStatic: isWanted(staticLayer), layers };
}

function isThere(folder: string): boolean {
  return existsSync(path.join(checkoutDirectory, folder));
}
