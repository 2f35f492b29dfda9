import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { CachedClassCatalogue, type ClassCatalogue } from './class-catalogue.ts';

/**
 * The catalogue of an api that runs without Kubernetes: the classes of a folder, one to a YAML file.
 * What is approved by them is kept until Kubernetes is there.
 *
 * @throws when the folder or a file cannot be read
 */
export function readClassFiles(directory: string): ClassCatalogue {
  const objects = readdirSync(directory)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => parse(readFileSync(path.join(directory, name), 'utf8')) as KubeObject);
  return new CachedClassCatalogue({ list: () => objects });
}
