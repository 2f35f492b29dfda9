/** The times of a leader election. */
export interface LeaseTiming {
  /** Candidates take a lease that was not renewed for so long. */
  leaseMs: number;
  /** A leader that could not renew for so long stops. */
  renewDeadlineMs: number;
  /** Between two attempts to acquire or renew. */
  retryMs: number;
  /** Candidates wait up to so many times `retryMs` longer, so that they do not all come at once. */
  jitter: number;
}

/** The times of client-go (tools/leaderelection, and every component of Kubernetes). */
export const DEFAULT_LEASE_TIMING: Readonly<LeaseTiming> = {
  leaseMs: 15_000,
  renewDeadlineMs: 10_000,
  retryMs: 2_000,
  jitter: 1.2,
};

/**
 * What is wrong with the times, by the rules of client-go: a leader must stop before others may take
 * over, and must have more than one attempt until then.
 *
 * @returns sentences; none when the times can be used
 */
export function faultsOfTiming(timing: LeaseTiming): string[] {
  const faults: string[] = [];
  if (timing.leaseMs <= timing.renewDeadlineMs) {
    faults.push('the lease must last longer than the renew deadline');
  }
  if (timing.renewDeadlineMs <= timing.retryMs * timing.jitter) {
    faults.push(`the renew deadline must be more than ${timing.jitter} times the retry period`);
  }
  return faults;
}
