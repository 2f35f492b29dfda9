import { ConflictError, KubernetesApiError } from '../../lib/kube/errors.ts';
import { TerminalError, WaitingError } from './errors.ts';

/** What a reconcile gives when it did not fail. */
export interface ReconcileResult {
  /** Look at it again after this time, even if nothing happens. */
  requeueAfterMs?: number | undefined;
}

/** What becomes of a key after a visit. */
export type Outcome =
  | { kind: 'done' }
  | { kind: 'requeue'; afterMs: number }
  | { kind: 'terminal'; error: TerminalError }
  | { kind: 'conflict'; error: ConflictError }
  | { kind: 'failed'; error: Error; minimumMs: number };

/** The outcome of a visit that ended by itself. */
export function outcomeOfResult(result: ReconcileResult): Outcome {
  return result.requeueAfterMs === undefined
    ? { kind: 'done' }
    : { kind: 'requeue', afterMs: result.requeueAfterMs };
}

/** The outcome of a visit that threw. Anything unknown counts as passing: it is tried again. */
export function outcomeOfError(error: Error): Outcome {
  if (error instanceof TerminalError) return { kind: 'terminal', error };
  if (error instanceof WaitingError) return { kind: 'requeue', afterMs: error.retryAfterMs };
  // Somebody else wrote first, or our cache was behind: everyday life, and soon mended.
  if (error instanceof ConflictError) return { kind: 'conflict', error };
  const minimumMs = error instanceof KubernetesApiError ? (error.retryAfterMs ?? 0) : 0;
  return { kind: 'failed', error, minimumMs };
}
