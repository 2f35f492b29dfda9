import { RESOURCE_CLASSES } from '../../crds/resource-types.ts';
import { apiVersionOf, RESOURCE_TYPES, type ResourceType } from '../../lib/kube/resource-types.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { PlatformError } from '../errors.ts';

function clusterWide(group: string, plural: string, kind: string): ResourceType {
  return { group, version: 'v1', plural, kind, namespaced: false };
}

/** Every kind that our manifests may hold. */
const MANIFEST_TYPES: readonly ResourceType[] = [
  ...Object.values(RESOURCE_TYPES),
  RESOURCE_CLASSES,
  clusterWide('storage.k8s.io', 'storageclasses', 'StorageClass'),
  clusterWide(
    'admissionregistration.k8s.io',
    'validatingadmissionpolicies',
    'ValidatingAdmissionPolicy',
  ),
  clusterWide(
    'admissionregistration.k8s.io',
    'validatingadmissionpolicybindings',
    'ValidatingAdmissionPolicyBinding',
  ),
];

/**
 * The type of an object, by its kind and version.
 *
 * @throws {PlatformError} for a kind that no manifest of ours should hold
 */
export function typeOfManifest(object: KubeObject): ResourceType {
  const type = MANIFEST_TYPES.find(
    (candidate) => candidate.kind === object.kind && apiVersionOf(candidate) === object.apiVersion,
  );
  if (type) return type;
  throw new PlatformError(`manifests may not hold ${object.kind} of ${object.apiVersion}`);
}
