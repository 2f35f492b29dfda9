/** Lease in the system namespace: its holder is the replica that works. */
export const LEADER_LEASE = 'quartermaster-operator';

/** Field manager of everything that the operator applies. */
export const OPERATOR_FIELD_MANAGER = 'quartermaster-operator';

/** Annotations that the operator sets on its own objects, where no tenant has rights. */
export const OPERATOR_ANNOTATIONS = {
  /** On a run: what becomes of the infrastructure when the request goes, as it was approved. */
  deletionPolicy: 'quartermaster.dev/deletion-policy',
  /** On a run: the value of the request's reconcile-at annotation that it answers. */
  answers: 'quartermaster.dev/answers-reconcile-at',
  /** On a run: the value of the request's rotate-at annotation that it answers. */
  rotation: 'quartermaster.dev/answers-rotate-at',
  /** On an apply that puts drift right: which one in a row, from 1. */
  repair: 'quartermaster.dev/repair',
  /** On a check that has not begun: something else comes first. */
  withdrawn: 'quartermaster.dev/withdrawn',
  /** On a run: digest of the class that it runs with. */
  classDigest: 'quartermaster.dev/class-digest',
  /** On a run: its place among the runs of its request, from 1. */
  sequence: 'quartermaster.dev/sequence',
  /** On a class revision: since when nobody uses it. */
  unusedSince: 'quartermaster.dev/unused-since',
  /** On a Job: digest of what was asked for, to recognise our own. */
  specDigest: 'quartermaster.dev/spec-digest',
} as const;
