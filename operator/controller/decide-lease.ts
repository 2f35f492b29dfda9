import type { Lease } from '../../lib/kube/objects.ts';

/** What a Lease says. */
export type LeaseSpec = NonNullable<Lease['spec']>;

/**
 * What to do about a lease: make it, take it from nobody or from a holder that is silent, say that
 * it is still ours, wait, or stop because it is not ours any more.
 */
export type LeaseMove = 'create' | 'take' | 'renew' | 'wait' | 'lost';

/** What is known when the decision is made. Moments are of the local monotonic clock. */
export interface LeaseView {
  /** Undefined where there is no lease. */
  spec: LeaseSpec | undefined;
  /** Who asks. */
  identity: string;
  isLeading: boolean;
  /** When this process saw the lease change last; the times inside it are of other clocks. */
  observedAt: number;
  now: number;
}

/**
 * Decides about a lease, as client-go does, but for one thing: a leader that finds anything else
 * than its own name stops at once, even if it could take the lease again. Somebody else may
 * have worked meanwhile, and what this process remembers is then old.
 */
export function decideLease({ spec, identity, isLeading, observedAt, now }: LeaseView): LeaseMove {
  const holder = spec?.holderIdentity ?? '';
  if (isLeading) return holder === identity ? 'renew' : 'lost';
  if (spec === undefined) return 'create';
  // An attempt of ours that seemed to fail took effect after all.
  if (holder === identity) return 'renew';
  if (holder === '') return 'take';
  const expiresAt = observedAt + (spec.leaseDurationSeconds ?? 0) * 1_000;
  return now < expiresAt ? 'wait' : 'take';
}

/** What the holder writes. */
export interface HolderStatement {
  identity: string;
  leaseMs: number;
  /** By the clock of the machine; for people. */
  now: Date;
}

/** The lease as its holder writes it. */
export function heldLease(
  move: 'create' | 'take' | 'renew',
  previous: LeaseSpec | undefined,
  { identity, leaseMs, now }: HolderStatement,
): LeaseSpec {
  const time = microTime(now);
  const transitions = previous?.leaseTransitions ?? 0;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.max(1, Math.ceil(leaseMs / 1_000)),
    acquireTime: move === 'renew' ? (previous?.acquireTime ?? time) : time,
    renewTime: time,
    leaseTransitions: move === 'take' ? transitions + 1 : transitions,
  };
}

/** The lease as its holder leaves it: free at once. */
export function releasedLease(previous: LeaseSpec, now: Date): LeaseSpec {
  const time = microTime(now);
  return {
    holderIdentity: '',
    leaseDurationSeconds: 1,
    acquireTime: time,
    renewTime: time,
    leaseTransitions: previous.leaseTransitions ?? 0,
  };
}

/** `metav1.MicroTime`. */
function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z');
}
