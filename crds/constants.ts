/** The API group of all our kinds. */
export const GROUP = 'quartermaster.dev';
/** The served and stored version. */
export const VERSION = 'v1alpha1';
/** `apiVersion` of every object of ours. */
export const API_VERSION = `${GROUP}/${VERSION}` as const;

/** Plural names, as they stand in URLs. */
export const PLURALS = {
  ResourceClass: 'resourceclasses',
  ResourceRequest: 'resourcerequests',
  ResourceRun: 'resourceruns',
} as const;

/** A kind of ours. */
export type Kind = keyof typeof PLURALS;

/** Holds a request back from deletion until what it made is gone. */
export const FINALIZER = 'quartermaster.dev/deprovision';

/** Labels that we set and select by. */
export const LABELS = {
  managedBy: 'app.kubernetes.io/managed-by',
  organization: 'quartermaster.dev/organization',
  project: 'quartermaster.dev/project',
  /** On everything that belongs to one request, wherever it stands. */
  requestUid: 'quartermaster.dev/request-uid',
  requestName: 'quartermaster.dev/request-name',
  requestNamespace: 'quartermaster.dev/request-namespace',
  /** On the Job, Pod and Secret of a run. */
  run: 'quartermaster.dev/run',
  /** What an object in the runs namespace is for: state, outputs, generated, run, class-revision, … */
  component: 'quartermaster.dev/component',
  className: 'quartermaster.dev/class',
} as const;

/** Value of the managed-by label. */
export const MANAGED_BY = 'quartermaster';

/** Annotations that people and the api set. */
export const ANNOTATIONS = {
  paused: 'quartermaster.dev/paused',
  reconcileAt: 'quartermaster.dev/reconcile-at',
  deletionProtection: 'quartermaster.dev/deletion-protection',
  rotateAt: 'quartermaster.dev/rotate-at',
  /** The api's id of the request that a resource was made for. */
  requestId: 'quartermaster.dev/request-id',
  /** On a Plan run that the api ordered, beside the id of the request: which revision it plans. */
  requestRevision: 'quartermaster.dev/request-revision',
  /** Why the api does not go on with a resource that it did not make: rejected, for one. */
  decision: 'quartermaster.dev/decision',
  /** Digest of what the api applied once, and leaves to others from then on. */
  appliedDigest: 'quartermaster.dev/applied-digest',
} as const;

/** Annotations that the operator sets on runs, where no tenant has rights, and that the api reads. */
export const RUN_ANNOTATIONS = {
  /** What becomes of the infrastructure when the request goes, as it was approved. */
  deletionPolicy: 'quartermaster.dev/deletion-policy',
  /** The value of the request's rotate-at annotation that it answers. */
  rotation: 'quartermaster.dev/answers-rotate-at',
  /** Its place among the runs of its request, from 1. */
  sequence: 'quartermaster.dev/sequence',
} as const;

/**
 * Where the api publishes the public keys of its approvals: a ConfigMap in the system namespace,
 * with a JSON Web Key Set (RFC 7517) under this data key. Only the api may write it.
 */
export const APPROVAL_KEYS = {
  configMap: 'quartermaster-approval-keys',
  dataKey: 'jwks.json',
} as const;

/** The ClusterRoles that the api binds in every project namespace it makes. */
export const PROJECT_ROLES = {
  api: 'quartermaster-project-api',
  operator: 'quartermaster-project-operator',
  runner: 'quartermaster-project-runner',
} as const;
