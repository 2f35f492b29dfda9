import { existsSync } from 'node:fs';
import path from 'node:path';
import { PlatformError } from '../errors.ts';
import { checkoutDirectory } from '../paths.ts';

/** Tests that are run together in one process. */
export interface TestLayer {
  readonly name: string;
  readonly folders: readonly string[];
}

/** All layers, the quick ones first. */
export const testLayers: readonly TestLayer[] = [
  { name: 'unit', folders: ['test/unit'] },
  { name: 'db', folders: ['test/db', 'test/http'] },
  { name: 'kube', folders: ['test/kube', 'test/chart'] },
  { name: 'faults', folders: ['test/faults'] },
  { name: 'e2e', folders: ['test/e2e'] },
];

/** The name under which formatting, lint rules and types are checked. */
export const staticLayer = 'static';

/**
 * @param wanted names of layers; none means all
 * @returns whether to check statically, and which layers to run, without folders that do not exist
 * @throws {PlatformError} for a name that is no layer
 */
export function selectLayers(wanted: readonly string[]): {
  readonly isStatic: boolean;
  readonly layers: readonly TestLayer[];
} {
  const known = [staticLayer, ...testLayers.map((layer) => layer.name)];
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new PlatformError(`no such layer: ${unknown.join(', ')}; there are ${known.join(', ')}`);
  }
  const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name);
  const layers = testLayers
    .filter((layer) => isWanted(layer.name))
    .map((layer) => ({ ...layer, folders: layer.folders.filter(isThere) }))
    .filter((layer) => layer.folders.length > 0);
  return { isStatic: isWanted(staticLayer), layers };
}

function isThere(folder: string): boolean {
  return existsSync(path.join(checkoutDirectory, folder));
}
