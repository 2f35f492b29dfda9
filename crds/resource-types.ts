import type { ResourceType } from '../lib/kube/resource-types.ts';
import { GROUP, type Kind, PLURALS, VERSION } from './constants.ts';

function resourceType(kind: Kind, namespaced: boolean): ResourceType {
  return { group: GROUP, version: VERSION, plural: PLURALS[kind], kind, namespaced };
}

/** ResourceClass, cluster-scoped: the catalogue. */
export const RESOURCE_CLASSES: ResourceType = resourceType('ResourceClass', false);
/** ResourceRequest, in the namespace of its project. */
export const RESOURCE_REQUESTS: ResourceType = resourceType('ResourceRequest', true);
/** ResourceRun, in the runs namespace. */
export const RESOURCE_RUNS: ResourceType = resourceType('ResourceRun', true);
