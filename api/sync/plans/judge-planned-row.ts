import { deletionDigest, inputsDigest } from '../../../crds/approval.ts';
import { wantsDeletionPreview, wantsPreview } from '../../../crds/preview.ts';
import type { FailureType } from '../../../crds/failure.ts';
import { parseDuration } from '../../../lib/duration.ts';
import type { OfferedClass } from '../classes/offered-class.ts';
import { namespaceOf, type PlannedRow } from './planned-row.ts';

/** What has to be done about the plan of a revision that waits. */
export type PlanStep =
  /** None was ordered yet, or the last one failed for a passing reason. */
  | { kind: 'order' }
  /** The order may have been lost. */
  | { kind: 'remind' }
  /** Nobody can approve it any more; a new one is made at once where `anew` says so. */
  | { kind: 'outdate'; message: string; anew: boolean }
  | { kind: 'nothing' };

/** What is known besides the row. */
export interface PlanCircumstances {
  /** Undefined where the class is gone. */
  offered: OfferedClass | undefined;
  /** Whether the run that makes or made the plan is there. */
  hasRun: boolean;
  now: Date;
}

/** An order is carried over in seconds, unless Kubernetes is away. */
const PATIENCE_MS = 60_000;
/** Most plans that are ordered without anybody asking. */
const MOST_ATTEMPTS = 5;
const PASSING: readonly string[] = [
  'StateLocked',
  'Interrupted',
  'Transient',
  'Quota',
] satisfies FailureType[];

/** Decides about the plan of a revision that waits, pure. Plans of the operator are its own to mind. */
export function judgePlannedRow(row: PlannedRow, circumstances: PlanCircumstances): PlanStep {
  if (!isPlanWanted(row, circumstances)) return { kind: 'nothing' };
  if (row.plan_status === null) return { kind: 'order' };
  return isOrdered(row) ? judgeOrdered(row, circumstances) : { kind: 'nothing' };
}

/** Without its class nothing can be decided about but the end of a request. */
function isPlanWanted(row: PlannedRow, { offered }: PlanCircumstances): boolean {
  if (row.deletes) return offered ? wantsDeletionPreview(offered.spec) : row.plan_status !== null;
  return offered !== undefined && wantsPreview(offered.spec);
}

/** By the api: not of a resource that the operator plans. */
export function isOrdered({
  origin,
  plan_attempt,
  deletes,
}: Pick<PlannedRow, 'origin' | 'plan_attempt' | 'deletes'>): boolean {
  return (origin === 'api' || deletes) && plan_attempt > 0;
}

function judgeOrdered(row: PlannedRow, circumstances: PlanCircumstances): PlanStep {
  switch (row.plan_status) {
    case 'planning':
      return { kind: isOverdue(row, circumstances) ? 'remind' : 'nothing' };
    case 'ready':
      return judgeReady(row, circumstances);
    case 'failed':
      return { kind: isPassing(row) ? 'order' : 'nothing' };
    case 'outdated':
    case null:
      return { kind: 'nothing' };
  }
}

function judgeReady(row: PlannedRow, circumstances: PlanCircumstances): PlanStep {
  const { offered, now } = circumstances;
  if (row.plan_inputs_digest !== inputsOf(row, offered)) {
    return outdate('The class has changed since the plan was made.', true);
  }
  if (isOverdue(row, circumstances)) return outdate('The plan is not there any more.', true);
  const lifetime = offered?.spec.approval.expiresAfter;
  if (lifetime !== undefined && ageOf(row, now) >= parseDuration(lifetime)) {
    return row.plan_attempt < MOST_ATTEMPTS
      ? outdate('The plan has expired; a new one is made.', true)
      : outdate('The plan has expired; ask for another try.', false);
  }
  return { kind: 'nothing' };
}

/** What a plan of it has to be made for now. */
function inputsOf(row: PlannedRow, offered: OfferedClass | undefined): string {
  const { name, parameters, deletion_policy: policy } = row;
  const namespace = namespaceOf(row);
  if (row.deletes) return deletionDigest({ namespace, name, uid: row.resource_uid ?? '' });
  return inputsDigest({
    ...{ classDigest: offered?.digest ?? '', namespace, name, parameters },
    deletionPolicy: policy ?? undefined,
  });
}

function outdate(message: string, anew: boolean): PlanStep {
  return { kind: 'outdate', message, anew };
}

/** For so long another replica may know of a run that this one has not seen yet. */
function isOverdue(row: PlannedRow, { hasRun, now }: PlanCircumstances): boolean {
  return !hasRun && ageOf(row, now) >= PATIENCE_MS;
}

function isPassing({ plan_failure: failure, plan_attempt: attempt }: PlannedRow): boolean {
  return failure !== null && PASSING.includes(failure.type) && attempt < MOST_ATTEMPTS;
}

function ageOf({ plan_at: at }: PlannedRow, now: Date): number {
  return at === null ? 0 : now.getTime() - at.getTime();
}
