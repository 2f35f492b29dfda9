import { LABELS, MANAGED_BY, PROJECT_ROLES } from '../../../crds/constants.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { ProjectBoundsSettings } from './build-project-bounds.ts';

/** A project, as far as its namespace is concerned. */
export interface ProjectNamespace {
  namespace: string;
  organizationSlug: string;
  projectSlug: string;
}

/** Where the platform's own service accounts live. */
export interface PlatformNamespaces {
  system: string;
  runs: string;
  /** Accounts in the runs namespace whose modules work beside the application; see below. */
  runnerAccounts?: readonly string[];
  /** What holds in the namespaces of projects; no quota and no policy where it is absent. */
  bounds?: ProjectBoundsSettings;
}

/** Of the built-in classes only this one makes something in the namespace of a project. */
export const DEFAULT_RUNNER_ACCOUNTS: readonly string[] = ['quartermaster-class-postgres'];

/** A `rbac.authorization.k8s.io/v1` RoleBinding. */
export interface RoleBinding extends KubeObject {
  roleRef: { apiGroup: string; kind: string; name: string };
  subjects: Record<string, string>[];
}

/** The labels by which everybody knows whose a namespace is. */
export function projectLabels(project: ProjectNamespace): Record<string, string> {
  return {
    [LABELS.managedBy]: MANAGED_BY,
    [LABELS.organization]: project.organizationSlug,
    [LABELS.project]: project.projectSlug,
  };
}

/** The namespace of a project. */
export function buildNamespace(project: ProjectNamespace): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: project.namespace, labels: projectLabels(project) },
  };
}

/**
 * What the platform may do in the namespace of a project: rights in this one only, so nobody
 * needs cluster-wide rights on Secrets.
 */
export function buildRoleBindings(
  project: ProjectNamespace,
  platform: PlatformNamespaces,
): RoleBinding[] {
  const { system, runs, runnerAccounts = DEFAULT_RUNNER_ACCOUNTS } = platform;
  // Single accounts, never the group of all: a class that works in a cloud has no business here.
  const runners = runnerAccounts.map((name) => buildAccount(runs, name));
  const own = (name: string): Record<string, string>[] => [buildAccount(system, name)];
  return [
    buildRoleBinding(project, PROJECT_ROLES.api, own('quartermaster-api')),
    buildRoleBinding(project, PROJECT_ROLES.operator, own('quartermaster-operator')),
    buildRoleBinding(project, PROJECT_ROLES.runner, runners),
  ];
}

function buildAccount(namespace: string, name: string): Record<string, string> {
  return { kind: 'ServiceAccount', name, namespace };
}

function buildRoleBinding(
  project: ProjectNamespace,
  role: string,
  subjects: Record<string, string>[],
): RoleBinding {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: {
      name: role,
      namespace: project.namespace,
      labels: { [LABELS.managedBy]: MANAGED_BY },
    },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects,
  };
}

/**
 * Whether a namespace that exists is the project's own. One that is not, `kube-system` for
 * example, must never be taken over.
 */
export function isNamespaceOf(project: ProjectNamespace, existing: KubeObject): boolean {
  const labels = existing.metadata.labels ?? {};
  return Object.entries(projectLabels(project)).every(([name, value]) => labels[name] === value);
}
