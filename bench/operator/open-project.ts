import { buildNamespace, buildRoleBindings } from '../../api/sync/relay/build-project-namespace.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';

/** Where the operator and its runs are. */
export const PLATFORM = { system: 'quartermaster-system', runs: 'quartermaster-runs' };

const OPTIONS = { fieldManager: 'quartermaster-bench', force: true };

/** Makes a project's namespace with the rights in it, as the relay does. @returns its name */
export async function openProject(client: KubeClient, projectSlug: string): Promise<string> {
  const namespace = `bench-${projectSlug}`;
  const project = { namespace, organizationSlug: 'bench', projectSlug };
  await client.apply(RESOURCE_TYPES.namespaces, buildNamespace(project), OPTIONS);
  for (const binding of buildRoleBindings(project, PLATFORM)) {
    await client.apply(RESOURCE_TYPES.roleBindings, binding, OPTIONS);
  }
  return namespace;
}
