import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { ResourceClass } from '../../../crds/resource-class.ts';
import { CachedClassCatalogue } from '../../../api/sync/classes/class-catalogue.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';

const file = path.resolve(import.meta.dirname, '../classes/trivial.yaml');

/** A ResourceClass as Kubernetes has it, made from the trivial one. */
export function buildClass(
  name: string,
  spec: Partial<Record<keyof ResourceClass['spec'], unknown>> = {},
): ResourceClass {
  const object = parse(readFileSync(file, 'utf8')) as ResourceClass;
  return { ...object, metadata: { name }, spec: { ...object.spec, ...spec } as never };
}

/** A catalogue over objects that the test can change. */
export function catalogueOf(objects: KubeObject[]): CachedClassCatalogue {
  return new CachedClassCatalogue({ list: () => objects });
}

/** A class that needs approval, and one that does not. */
export function ordinaryClasses(): ResourceClass[] {
  return [
    buildClass('trivial'),
    buildClass('scratch', { title: 'Scratch', approval: { mode: 'Automatic' } }),
  ];
}
