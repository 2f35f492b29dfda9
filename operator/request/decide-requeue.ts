import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';

const AT_ONCE_MS = 0;
const GONE_SOON_MS = 50;
const CLASS_CHECK_MS = 1_000;
/** For what no watch tells: new keys, a foreign Secret that went. */
const LOOK_AGAIN_MS = 30_000;

/** When to look again after a decision, if nothing happens before; undefined: not by itself. */
export function requeueAfter(
  { credentials, now }: RequestObservation,
  decision: RequestDecision,
): number | undefined {
  switch (decision.kind) {
    case 'add-finalizer':
    case 'bind-approval':
    case 'intend-run':
    case 'create-run':
    case 'drop-intention':
    case 'record-run':
    case 'write-credentials':
    case 'retain':
      return AT_ONCE_MS;
    case 'delete-leftovers':
      return GONE_SOON_MS;
    case 'await-class':
      return CLASS_CHECK_MS;
    case 'await-run':
      return LOOK_AGAIN_MS;
    case 'wait':
      return decision.reason === 'ApprovalInvalid' ? LOOK_AGAIN_MS : undefined;
    case 'failed':
    case 'destroy-failed':
      return untilRetry(decision.failure.retryAt, now);
    case 'idle':
      return credentials.kind === 'foreign' || credentials.kind === 'lost'
        ? LOOK_AGAIN_MS
        : undefined;
    case 'ignore':
    case 'paused':
    case 'protected':
    case 'remove-finalizer':
      return undefined;
  }
}

function untilRetry(retryAt: string | undefined, now: Date): number | undefined {
  if (retryAt === undefined) return undefined;
  return Math.max(0, Date.parse(retryAt) - now.getTime());
}
