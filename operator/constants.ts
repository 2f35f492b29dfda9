import { RUN_ANNOTATIONS } from '../crds/constants.ts';

/** Lease in the system namespace: its holder is the replica that works. */
export const LEADER_LEASE = 'quartermaster-operator';

/** Field manager of everything that the operator applies. */
export const OPERATOR_FIELD_MANAGER = 'quartermaster-operator';

/** Annotations that the operator sets on its own objects, where no tenant has rights. */
export const OPERATOR_ANNOTATIONS = {
  ...RUN_ANNOTATIONS,
  /** On a run: the value of the request's reconcile-at annotation that it answers. */
  answers: 'quartermaster.dev/answers-reconcile-at',
  /** On an apply that puts drift right: which one in a row, from 1. */
  repair: 'quartermaster.dev/repair',
  /** On a plan of putting drift right: digest of what has drifted. */
  drift: 'quartermaster.dev/drift-digest',
  /** On a check that has not begun: something else comes first. */
  withdrawn: 'quartermaster.dev/withdrawn',
  /** On a run: digest of the class that it runs with. */
  classDigest: 'quartermaster.dev/class-digest',
  /** On a class revision: since when nobody uses it. */
  unusedSince: 'quartermaster.dev/unused-since',
  /** On a Job: digest of what was asked for, to recognise our own. */
  specDigest: 'quartermaster.dev/spec-digest',
} as const;
