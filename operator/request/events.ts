import { findCondition, type Condition } from '../../crds/condition.ts';
import type { ResourceRequestStatus } from '../../crds/resource-request.ts';
import { describeChanges } from './describe-changes.ts';
import type { ObjectEvent } from '../../lib/kube/event-recorder.ts';

/** Conditions whose changes are told. */
const TOLD = ['Ready', 'Approved', 'CredentialsReady', 'Drifted'] as const;
/** Of drift only this is told, and that it is over. */
const TOLD_OF_DRIFT: readonly string[] = ['Drifted', 'CheckFailed'];
/** Not yet so, and nothing is wrong. */
const EXPECTED: readonly string[] = [
  'AwaitingApproval',
  'Provisioning',
  'Deprovisioning',
  'Paused',
  'NotEvaluated',
  'NotChecked',
  'Writing',
];

/** So it is at the beginning of every request. */
const SELF_EVIDENT: readonly string[] = ['NotProvisioned'];

/** What changed between two statuses that is worth an Event; each once. */
export function noticesBetween(
  previous: ResourceRequestStatus | undefined,
  next: ResourceRequestStatus,
): ObjectEvent[] {
  const ofConditions = TOLD.flatMap((type) => {
    const before = findCondition(previous?.conditions, type);
    const after = findCondition(next.conditions, type);
    return after === undefined || !isNews(before, after) ? [] : [describe(after)];
  });
  const notices = [...ofConditions, ...noticesOfPlan(previous?.plan, next.plan)];
  return notices.filter(
    (notice, index) => notices.findIndex((other) => other.reason === notice.reason) === index,
  );
}

/** Of a plan that could not be made, a condition tells. */
function noticesOfPlan(
  before: ResourceRequestStatus['plan'],
  after: ResourceRequestStatus['plan'],
): ObjectEvent[] {
  if (after === undefined || after.digest === before?.digest) return [];
  const note = `Run ${after.run} has planned: ${describeChanges(after.changes)}.`;
  return [{ type: 'Normal', reason: 'PlanReady', action: 'Plan', note }];
}

function isNews(before: Condition | undefined, after: Condition): boolean {
  if (before?.status === after.status && before.reason === after.reason) return false;
  if (after.message === '' || SELF_EVIDENT.includes(after.reason)) return false;
  return after.type !== 'Drifted' || [after, before].some(isNewsOfDrift);
}

function isNewsOfDrift(condition: Condition | undefined): boolean {
  return TOLD_OF_DRIFT.includes(condition?.reason ?? '');
}

function describe({ type, status, reason, message }: Condition): ObjectEvent {
  // Of drift, the opposite is good of what is good for everything else.
  const isGood = status === (type === 'Drifted' ? 'False' : 'True');
  const isFine = isGood || EXPECTED.includes(reason);
  return { type: isFine ? 'Normal' : 'Warning', reason, action: 'Reconcile', note: message };
}
