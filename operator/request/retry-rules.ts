import type { FailureType } from '../../crds/failure.ts';
import type { BackoffLimits } from '../../lib/backoff.ts';

/** When a failure is tried again by itself. */
export interface RetryRule extends BackoffLimits {
  /** Failures in a row after which only a person can ask for another run. */
  limit: number;
}

const MINUTE_MS = 60_000;

/** For what passes by itself. Below the number of runs that are kept, because they are counted. */
const SOON: RetryRule = { baseMs: 5_000, maxMs: 5 * MINUTE_MS, limit: 6 };
/** For what somebody else has to make room for, or what only a change of ours can mend. */
const SELDOM: RetryRule = { baseMs: MINUTE_MS, maxMs: 15 * MINUTE_MS, limit: 4 };

/**
 * The rule of each failure class; undefined where the same run would only fail again, so that it is
 * not tried by itself. A person can ask for another run after every failure.
 */
export const RETRY_RULES: Readonly<Record<FailureType, RetryRule | undefined>> = {
  Transient: SOON,
  Interrupted: SOON,
  StateLocked: SOON,
  Quota: SELDOM,
  Credentials: SELDOM,
  Internal: { ...SELDOM, limit: 2 },
  Configuration: undefined,
  Conflict: undefined,
  OutOfMemory: undefined,
  DeadlineExceeded: undefined,
  Policy: undefined,
  /** Asks for another approval, of another plan. */
  PlanOutdated: undefined,
};
