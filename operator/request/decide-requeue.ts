import type { Failure } from '../../crds/failure.ts';
import { nextCheck, nextRepair } from './checks.ts';
import { previewDueAt } from './decide-preview.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { untilRotation } from './rotation.ts';
import { isDeleting } from './status-said.ts';

/** For what no watch tells: new keys, a foreign Secret that went. */
const LOOK_AGAIN_MS = 30_000;

/** A look too early does no harm, and a timer of years would. */
const LONGEST_MS = 60 * 60_000;

/** Steps of several are followed by the next one at once. */
const FIXED_MS: Partial<Record<RequestDecision['kind'], number>> = {
  'add-finalizer': 0,
  'bind-approval': 0,
  'intend-run': 0,
  'create-run': 0,
  'drop-intention': 0,
  'record-run': 0,
  'withdraw-check': LOOK_AGAIN_MS,
  'write-credentials': 0,
  retain: 0,
  'delete-leftovers': 50,
  'await-class': 1_000,
  'await-run': LOOK_AGAIN_MS,
};

/** When to look again after a decision, if nothing happens before; undefined: not by itself. */
export function requeueAfter(
  observation: RequestObservation,
  decision: RequestDecision,
): number | undefined {
  const fixed = FIXED_MS[decision.kind];
  if (fixed !== undefined) return fixed;
  switch (decision.kind) {
    case 'wait':
      return earliest(
        mayKeysBeMissing(observation, decision) ? LOOK_AGAIN_MS : undefined,
        isDeleting(observation) ? undefined : until(nextCheck(observation), observation.now),
        until(previewDueAt(observation, decision), observation.now),
      );
    case 'failed':
    case 'destroy-failed':
      return until(retryTime(decision.failure), observation.now);
    case 'idle':
      return earliest(
        afterRest(observation),
        until(nextCheck(observation), observation.now),
        until(nextRepair(observation)?.dueAt, observation.now),
      );
    default:
      return undefined;
  }
}

function mayKeysBeMissing(
  { approval }: RequestObservation,
  { reason }: Extract<RequestDecision, { kind: 'wait' }>,
): boolean {
  return reason === 'ApprovalInvalid' || approval.kind === 'unbelievable';
}

function afterRest({
  credentials,
  approval,
  request,
  now,
}: RequestObservation): number | undefined {
  const isHelpless = ['foreign', 'lost', 'forbidden'].includes(credentials.kind);
  if (isHelpless || approval.kind === 'unbelievable') return LOOK_AGAIN_MS;
  return untilRotation(request, now);
}

function until(time: Date | undefined, now: Date): number | undefined {
  return time === undefined ? undefined : Math.max(0, time.getTime() - now.getTime());
}

function earliest(...times: (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known, LONGEST_MS);
}

function retryTime({ retryAt }: Failure): Date | undefined {
  return retryAt === undefined ? undefined : new Date(retryAt);
}
