import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { API_VERSION } from '../../crds/constants.ts';
import { ConfigurationError } from '../../lib/errors.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';

/** What may stand in a file. The API server judges the rest, with the schema of the kind. */
const classSchema = z.looseObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('ResourceClass'),
  metadata: z.looseObject({ name: z.string().min(1) }),
});

/**
 * Reads the classes of a folder, by the order of their files' names. Entries that begin with a dot
 * are left out: a mounted ConfigMap has its versions there.
 *
 * @throws {ConfigurationError} naming every file that holds no class
 */
export async function readClasses(directory: string): Promise<KubeObject[]> {
  const names = (await readdir(directory)).filter(isClassFile).sort();
  const faults: string[] = [];
  const classes: KubeObject[] = [];
  for (const name of names) {
    const parsed = classSchema.safeParse(parseYaml(await readFile(path.join(directory, name))));
    if (parsed.success) classes.push(parsed.data);
    else faults.push(`${name}: holds no ResourceClass of ${API_VERSION}`);
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
  return classes;
}

function isClassFile(name: string): boolean {
  return name.endsWith('.yaml') && !name.startsWith('.');
}

/** Text that is no YAML is no class either. */
function parseYaml(bytes: Buffer): unknown {
  try {
    return parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
