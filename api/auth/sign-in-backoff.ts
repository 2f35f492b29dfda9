/** What failures are counted of. */
export interface GuardedSubject {
  /** Many people may share a network address, so it gets more tries than an account. */
  kind: 'account' | 'network';
  /** Under which they are counted. */
  subject: string;
}

/** Failures are forgotten after an hour without another one. */
export const FORGET_AFTER_MS = 3_600_000;

/** With this failure the waiting begins. */
const FIRST_BLOCKED = { account: 5, network: 50 } as const;
const FIRST_WAIT_MS = 1_000;
/** Not for ever: somebody else's failures must not keep a person out. */
const LONGEST_WAIT_MS = 15 * 60_000;

/**
 * How long to wait after so many failures: nothing at first, then 1 s, 2 s, 4 s, … 15 min.
 *
 * @param failures in a row, this one included
 */
export function blockMs(failures: number, { kind }: Pick<GuardedSubject, 'kind'>): number {
  const beyond = failures - FIRST_BLOCKED[kind];
  if (beyond < 0) return 0;
  return Math.min(FIRST_WAIT_MS * 2 ** Math.min(beyond, 20), LONGEST_WAIT_MS);
}
