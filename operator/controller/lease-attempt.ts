import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { Lease, ObjectKey } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { decideLease, heldLease, releasedLease, type LeaseMove } from './decide-lease.ts';

/** What {@link LeaseAttempt} needs. */
export interface LeaseAttemptOptions {
  client: KubeClient;
  lease: ObjectKey;
  identity: string;
  leaseMs: number;
  clock: Clock;
  /** Milliseconds of a clock that nobody sets. */
  monotonic: () => number;
}

/** How an attempt ended. */
export interface LeaseAnswer {
  move: LeaseMove;
  /** When the write was sent; the lease is ours from then on at least. */
  sentAt: number;
  /** Who holds it, or would hold it. */
  holder: string | undefined;
}

/** One look at the lease, and the write that follows from it. */
export class LeaseAttempt {
  readonly #options: LeaseAttemptOptions;
  /** What our last write answered: a holder renews without looking first. */
  #held: Lease | undefined;
  #observed: { text: string; at: number } | undefined;

  constructor(options: LeaseAttemptOptions) {
    this.#options = options;
  }

  /**
   * Acquires or renews if that can be done.
   *
   * @throws {KubernetesApiError} when a call failed; a ConflictError when another was faster
   */
  async perform(isLeading: boolean): Promise<LeaseAnswer> {
    const { identity, monotonic } = this.#options;
    const lease = this.#held ?? (await this.#read());
    this.#held = undefined;
    const observedAt = this.#observe(lease);
    const now = monotonic();
    const move = decideLease({ spec: lease?.spec, identity, isLeading, observedAt, now });
    const answer = { move, sentAt: now, holder: lease?.spec?.holderIdentity };
    if (move === 'wait' || move === 'lost') return answer;
    this.#held = await this.#write(move, lease);
    return answer;
  }

  /** Looks at the lease before the next attempt, whatever our last write answered. */
  doubt(): void {
    this.#held = undefined;
  }

  /** Frees the lease if it is ours; never another's. */
  async release(): Promise<void> {
    const { client, clock, identity } = this.#options;
    const lease = await this.#read();
    if (lease?.spec?.holderIdentity !== identity) return;
    const spec = releasedLease(lease.spec, clock.now());
    await client.replace<Lease>(RESOURCE_TYPES.leases, { ...lease, spec });
  }

  #read(): Promise<Lease | undefined> {
    return this.#options.client.get<Lease>(RESOURCE_TYPES.leases, this.#options.lease);
  }

  #write(move: 'create' | 'take' | 'renew', lease: Lease | undefined): Promise<Lease> {
    const { client, clock, identity, leaseMs } = this.#options;
    const spec = heldLease(move, lease?.spec, { identity, leaseMs, now: clock.now() });
    if (lease) return client.replace<Lease>(RESOURCE_TYPES.leases, { ...lease, spec });
    return client.create<Lease>(RESOURCE_TYPES.leases, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: this.#options.lease,
      spec,
    });
  }

  /** When the lease was last seen to change, by our own clock. */
  #observe(lease: Lease | undefined): number {
    const text = JSON.stringify(lease?.spec ?? null);
    if (this.#observed?.text !== text) this.#observed = { text, at: this.#options.monotonic() };
    return this.#observed.at;
  }
}
