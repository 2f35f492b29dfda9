/** How an object is found: a name, and a namespace where its kind has one. */
export interface ObjectKey {
  namespace?: string | undefined;
  name: string;
}

/** The part of `metav1.ObjectMeta` that is read or written here. */
export interface ObjectMetadata {
  name: string;
  namespace?: string | undefined;
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  generation?: number | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
  finalizers?: string[] | undefined;
  creationTimestamp?: string | undefined;
  deletionTimestamp?: string | undefined;
  ownerReferences?: Record<string, unknown>[] | undefined;
}

/** Any object of the Kubernetes API. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMetadata;
}

/** `metav1.OwnerReference`. A type alias, so that it fits where any JSON object does. */
export type OwnerReference = {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
};

/** A core/v1 Secret as it is read; the values in `data` are base64. */
export interface Secret extends KubeObject {
  type?: string | undefined;
  data?: Record<string, string> | undefined;
  immutable?: boolean | undefined;
}

/** A core/v1 ConfigMap; the values in `binaryData` are base64. */
export interface ConfigMap extends KubeObject {
  data?: Record<string, string> | undefined;
  binaryData?: Record<string, string> | undefined;
}

/** A coordination.k8s.io/v1 Lease. Times are RFC 3339 with microseconds. */
export interface Lease extends KubeObject {
  spec?:
    | {
        holderIdentity?: string | undefined;
        leaseDurationSeconds?: number | undefined;
        acquireTime?: string | undefined;
        renewTime?: string | undefined;
        leaseTransitions?: number | undefined;
      }
    | undefined;
}

/** An apps/v1 ControllerRevision: an immutable snapshot. */
export interface ControllerRevision<T = unknown> extends KubeObject {
  revision: number;
  data: T;
}

/** The text form of a key: `namespace/name`, or `name` where there is no namespace. */
export function formatKey(key: ObjectKey): string {
  return key.namespace === undefined ? key.name : `${key.namespace}/${key.name}`;
}

/** Reads what {@link formatKey} wrote. */
export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf('/');
  return slash < 0
    ? { name: text }
    : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** The key of an object, see {@link formatKey}. */
export function keyOf(object: KubeObject): string {
  return formatKey(object.metadata);
}
