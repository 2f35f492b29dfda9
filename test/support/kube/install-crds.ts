import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { eventually } from '../eventually.ts';

const crdDirectory = path.resolve(import.meta.dirname, '../../../crds');

/** A CustomResourceDefinition, as far as tests look into it. */
export interface CustomResourceDefinition extends KubeObject {
  spec: {
    names: { plural: string; kind: string; shortNames?: string[] };
    scope: string;
    versions: {
      name: string;
      subresources?: { status?: object };
      additionalPrinterColumns?: { name: string; jsonPath: string; priority?: number }[];
      schema: { openAPIV3Schema: Record<string, unknown> };
    }[];
  };
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

/** The definitions of our kinds, from their YAML files. */
export function readCrds(): CustomResourceDefinition[] {
  return readdirSync(crdDirectory)
    .filter((name) => name.endsWith('.crd.yaml'))
    .map((name) => parse(readFileSync(path.join(crdDirectory, name), 'utf8')) as never);
}

/** Applies the definitions of our kinds and waits until they are served. */
export async function installCrds(client: KubeClient): Promise<void> {
  const type = RESOURCE_TYPES.customResourceDefinitions;
  for (const crd of readCrds()) {
    await client.apply(type, crd, { fieldManager: 'quartermaster-test', force: true });
  }
  for (const crd of readCrds()) {
    await eventually(async () => {
      const stored = await client.get<CustomResourceDefinition>(type, crd.metadata);
      const conditions = stored?.status?.conditions ?? [];
      if (!conditions.some(({ type, status }) => type === 'Established' && status === 'True')) {
        throw new Error(`${crd.metadata.name} is not established: ${JSON.stringify(conditions)}`);
      }
    });
  }
}
