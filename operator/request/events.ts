import { findCondition } from '../../crds/condition.ts';
import type { ResourceRequestStatus } from '../../crds/resource-request.ts';
import type { ObjectEvent } from '../../lib/kube/event-recorder.ts';

/** Conditions whose changes are told. */
const TOLD = ['Ready', 'Approved', 'CredentialsReady'] as const;
/** Not yet so, and nothing is wrong. */
const EXPECTED: readonly string[] = [
  'AwaitingApproval',
  'Provisioning',
  'Deprovisioning',
  'Paused',
  'NotProvisioned',
  'NotEvaluated',
  'Writing',
];

/** What changed between two statuses that is worth an Event; each once. */
export function noticesBetween(
  previous: ResourceRequestStatus | undefined,
  next: ResourceRequestStatus,
): ObjectEvent[] {
  const notices = TOLD.flatMap((type) => {
    const before = findCondition(previous?.conditions, type);
    const after = findCondition(next.conditions, type);
    if (
      after === undefined ||
      (before?.status === after.status && before.reason === after.reason)
    ) {
      return [];
    }
    if (after.message === '') return [];
    const isFine = after.status === 'True' || EXPECTED.includes(after.reason);
    const kind: ObjectEvent['type'] = isFine ? 'Normal' : 'Warning';
    return [{ type: kind, reason: after.reason, action: 'Reconcile', note: after.message }];
  });
  return notices.filter(
    (notice, index) => notices.findIndex((other) => other.reason === notice.reason) === index,
  );
}
