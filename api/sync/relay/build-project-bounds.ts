import { ANNOTATIONS, LABELS, MANAGED_BY } from '../../../crds/constants.ts';
import { digest } from '../../../lib/canonical-json.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { ProjectNamespace } from './build-project-namespace.ts';
import type { ProjectQuota } from './project-settings.ts';

/** The name of the quota and of the policy in the namespace of each project. */
export const BOUNDS_NAME = 'quartermaster-project';

/** What holds in the namespaces of all projects. */
export interface ProjectBoundsSettings {
  /** Empty: no quota is made. */
  quota: ProjectQuota;
  /** Whether pods are kept from the traffic of other namespaces. */
  isolated: boolean;
  /** Namespaces whose pods may come in nevertheless: of ingress controllers, for one. */
  ingressFrom: readonly string[];
}

/** The bounds that the configuration asks for. */
export function readProjectBounds(config: BoundsConfig): ProjectBoundsSettings {
  return {
    quota: config.PROJECT_QUOTA,
    isolated: config.PROJECT_ISOLATION === 'enabled',
    ingressFrom: config.PROJECT_INGRESS_NAMESPACES,
  };
}

interface BoundsConfig {
  PROJECT_QUOTA: ProjectQuota;
  PROJECT_ISOLATION: 'enabled' | 'disabled';
  PROJECT_INGRESS_NAMESPACES: readonly string[];
}

/** What all that lives in the namespace of a project may use; nothing where there is no limit. */
export function buildProjectQuota(
  { namespace }: ProjectNamespace,
  { quota }: ProjectBoundsSettings,
): KubeObject | undefined {
  if (Object.keys(quota).length === 0) return undefined;
  return buildBound({ apiVersion: 'v1', kind: 'ResourceQuota', namespace, spec: { hard: quota } });
}

/**
 * Nobody reaches a pod but its own namespace and those that are let in. What pods call themselves
 * stays free: names are looked up and packages fetched as everywhere, and the namespaces of other
 * projects are shut from the inside.
 */
export function buildProjectIsolation(
  { namespace }: ProjectNamespace,
  { isolated, ingressFrom }: ProjectBoundsSettings,
): KubeObject | undefined {
  if (!isolated) return undefined;
  const others = ingressFrom.map((name) => ({
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
  }));
  return buildBound({
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace },
    spec: {
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: {} }, ...others] }],
    },
  });
}

interface Bound {
  apiVersion: string;
  kind: string;
  namespace: string;
  spec: object;
}

/** With the digest of what we want, so that a later look tells our wish from somebody's change. */
function buildBound({ apiVersion, kind, namespace, spec }: Bound): KubeObject {
  const metadata = {
    ...{ name: BOUNDS_NAME, namespace },
    labels: { [LABELS.managedBy]: MANAGED_BY },
    annotations: { [ANNOTATIONS.appliedDigest]: digest(spec) },
  };
  return { apiVersion, kind, metadata, spec } as KubeObject;
}
