import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { ClusterAccess } from './cluster-access.ts';
import { applyManifests } from './kubernetes/apply-manifests.ts';
import { checkoutDirectory } from './paths.ts';

/** Installs the kinds, the rights and the catalogue. */
export async function installProduct(cluster: ClusterAccess): Promise<void> {
  const manifests = path.join(import.meta.dirname, 'kubernetes', 'manifests');
  const rights = ['access.yaml', 'class-rbac.yaml', 'policies.yaml'].map((name) =>
    path.join(manifests, name),
  );
  const catalogue = listYaml(path.join('catalog', 'classes'));
  await applyManifests([...listYaml('crds'), ...rights, ...catalogue], cluster);
}

function listYaml(folder: string): string[] {
  const directory = path.join(checkoutDirectory, folder);
  return readdirSync(directory)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => path.join(directory, name));
}
