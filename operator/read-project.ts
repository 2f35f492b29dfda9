import { LABELS } from '../crds/constants.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import { RESOURCE_TYPES } from '../lib/kube/resource-types.ts';

/** Slugs of a project and of its organisation; undefined in a namespace that belongs to none. */
export interface Project {
  organization: string | undefined;
  project: string | undefined;
}

/**
 * The project that a namespace belongs to. Only the platform can label a namespace; the labels of a
 * request itself prove nothing.
 */
export async function readProject(client: KubeClient, namespace: string): Promise<Project> {
  const found = await client.get(RESOURCE_TYPES.namespaces, { name: namespace });
  const labels = found?.metadata.labels;
  return { organization: labels?.[LABELS.organization], project: labels?.[LABELS.project] };
}
