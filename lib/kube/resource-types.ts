import type { ObjectKey } from './objects.ts';

/** What the client must know about a kind to build its URLs. */
export interface ResourceType {
  /** Empty for the core group. */
  group: string;
  version: string;
  /** As it stands in URLs. */
  plural: string;
  kind: string;
  namespaced: boolean;
}

/** `apiVersion` of the objects of a type. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/**
 * The path of an object, or of a collection where `name` is left out. A namespaced type without a
 * namespace gives the collection over all namespaces.
 */
export function resourcePath(
  type: ResourceType,
  key: Partial<ObjectKey> = {},
  subresource?: string,
): string {
  const segments = type.group === '' ? ['api', type.version] : ['apis', type.group, type.version];
  if (type.namespaced && key.namespace !== undefined) segments.push('namespaces', key.namespace);
  segments.push(type.plural);
  if (key.name !== undefined) segments.push(key.name);
  if (subresource !== undefined) segments.push(subresource);
  return `/${segments.map(encodeURIComponent).join('/')}`;
}

function core(plural: string, kind: string, namespaced = true): ResourceType {
  return { group: '', version: 'v1', plural, kind, namespaced };
}

/** The built-in types that the platform works with. */
export const RESOURCE_TYPES = {
  namespaces: core('namespaces', 'Namespace', false),
  secrets: core('secrets', 'Secret'),
  configMaps: core('configmaps', 'ConfigMap'),
  pods: core('pods', 'Pod'),
  services: core('services', 'Service'),
  serviceAccounts: core('serviceaccounts', 'ServiceAccount'),
  nodes: core('nodes', 'Node', false),
  resourceQuotas: core('resourcequotas', 'ResourceQuota'),
  jobs: { group: 'batch', version: 'v1', plural: 'jobs', kind: 'Job', namespaced: true },
  deployments: {
    group: 'apps',
    version: 'v1',
    plural: 'deployments',
    kind: 'Deployment',
    namespaced: true,
  },
  controllerRevisions: {
    group: 'apps',
    version: 'v1',
    plural: 'controllerrevisions',
    kind: 'ControllerRevision',
    namespaced: true,
  },
  leases: {
    group: 'coordination.k8s.io',
    version: 'v1',
    plural: 'leases',
    kind: 'Lease',
    namespaced: true,
  },
  events: {
    group: 'events.k8s.io',
    version: 'v1',
    plural: 'events',
    kind: 'Event',
    namespaced: true,
  },
  networkPolicies: {
    group: 'networking.k8s.io',
    version: 'v1',
    plural: 'networkpolicies',
    kind: 'NetworkPolicy',
    namespaced: true,
  },
  roles: rbac('roles', 'Role', true),
  roleBindings: rbac('rolebindings', 'RoleBinding', true),
  clusterRoles: rbac('clusterroles', 'ClusterRole', false),
  clusterRoleBindings: rbac('clusterrolebindings', 'ClusterRoleBinding', false),
  customResourceDefinitions: {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    plural: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
    namespaced: false,
  },
} as const satisfies Record<string, ResourceType>;

function rbac(plural: string, kind: string, namespaced: boolean): ResourceType {
  return { group: 'rbac.authorization.k8s.io', version: 'v1', plural, kind, namespaced };
}
