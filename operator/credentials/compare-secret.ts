import { isDeepStrictEqual } from 'node:util';
import type { Secret } from '../../lib/kube/objects.ts';

/**
 * Whether a Secret belongs to the request with that uid; a foreign one is never touched. The owner
 * decides, not our labels: one of ours that lost its labels is to be repaired.
 */
export function isOwnSecret(secret: Secret, requestUid: string): boolean {
  return secret.metadata.ownerReferences?.some((owner) => owner['uid'] === requestUid) === true;
}

/**
 * Whether a Secret of ours says what it should: the same values, no key more or less, the type,
 * our labels. Labels and annotations that others added are theirs.
 */
export function isSameSecret(desired: Secret, actual: Secret): boolean {
  return (
    desired.type === actual.type &&
    isDeepStrictEqual(desired.data ?? {}, actual.data ?? {}) &&
    Object.entries(desired.metadata.labels ?? {}).every(
      ([name, value]) => actual.metadata.labels?.[name] === value,
    )
  );
}

/** The Secret to write over one of ours: our content, with what others added to its metadata. */
export function mergeSecret(desired: Secret, actual: Secret): Secret {
  return {
    ...desired,
    metadata: {
      ...actual.metadata,
      labels: { ...actual.metadata.labels, ...desired.metadata.labels },
      ownerReferences: desired.metadata.ownerReferences,
    },
  };
}
