import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../lib/clock.ts';
import { ConfigurationError, toError } from '../../lib/errors.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { Informer } from '../../lib/kube/informer.ts';
import { formatKey, type Lease } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import type { Logger } from '../../lib/logger.ts';
import { LeaseAttempt, type LeaseAnswer } from './lease-attempt.ts';
import { DEFAULT_LEASE_TIMING, faultsOfTiming, type LeaseTiming } from './lease-timing.ts';

/** Settings of a {@link LeaderElector}. */
export interface LeaderElectorOptions {
  client: KubeClient;
  /** The Lease that the candidates share. */
  lease: { namespace: string; name: string };
  /** Of this process alone: no two may ever have the same. */
  identity: string;
  clock: Clock;
  log: Logger;
  /** Called once, when this process leads. */
  onElected: () => void;
  /** Called once, when it does not lead any more although it was not asked to {@link LeaderElector.resign}. */
  onLost: () => void;
  timing?: Readonly<LeaseTiming> | undefined;
  /** For tests; milliseconds of the machine's monotonic clock otherwise. */
  monotonic?: (() => number) | undefined;
  /** For tests; `Math.random` otherwise. */
  random?: (() => number) | undefined;
}

/**
 * Sees to it that one process of several leads, by a Lease and with the rules of client-go. It leads
 * at most once: a process that has lost the lease must end, because all it remembers may be old.
 *
 * An election keeps two processes from working at once; it does not stop a write that is under way.
 * Work must be safe against that by itself.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #timing: Readonly<LeaseTiming>;
  readonly #log: Logger;
  readonly #attempt: LeaseAttempt;
  readonly #watch: Informer<Lease>;
  readonly #over = new AbortController();
  /** Aborted to try again at once. */
  #nap = new AbortController();
  #isLeading = false;
  #leadsUntil = -Infinity;
  #deadline: NodeJS.Timeout | undefined;
  #beatAt: number | undefined;
  #loop: Promise<void> | undefined;
  #resigning: Promise<void> | undefined;
  #seenHolder: string | undefined;

  /** @throws {ConfigurationError} when the times make no sense */
  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#timing = options.timing ?? DEFAULT_LEASE_TIMING;
    const faults = faultsOfTiming(this.#timing);
    if (faults.length > 0) throw new ConfigurationError(faults);
    this.#log = options.log.child({ lease: formatKey(options.lease), identity: options.identity });
    const { renewDeadlineMs, leaseMs } = this.#timing;
    this.#attempt = new LeaseAttempt({
      ...options,
      leaseMs,
      monotonic: () => this.#now(),
      // Calls of its own: a renewal never waits behind the work.
      client: options.client.withLimits({ maxInFlight: 2, timeoutMs: renewDeadlineMs / 2 }),
    });
    this.#watch = this.#buildWatch();
  }

  /** Begins to stand for election. */
  start(): void {
    if (this.#loop !== undefined || this.#over.signal.aborted) return;
    this.#watch.start();
    this.#loop = this.#run();
  }

  /** Whether this process leads. */
  get isLeading(): boolean {
    return this.#isLeading;
  }

  /**
   * Whether this process may change something at this very moment, by the monotonic clock: false from
   * the renew deadline on, also in a process that was paused and has not noticed yet.
   */
  mayWrite(): boolean {
    return this.#isLeading && this.#now() < this.#leadsUntil;
  }

  /** Whether the loop turns; false when it hangs. For a liveness probe. */
  get isAlive(): boolean {
    if (this.#beatAt === undefined || this.#over.signal.aborted) return true;
    return this.#now() - this.#beatAt < 2 * this.#timing.leaseMs;
  }

  /** Stands no more, and frees the lease if it is ours. To be called when the work has ended. */
  resign(): Promise<void> {
    this.#resigning ??= this.#end();
    return this.#resigning;
  }

  async #end(): Promise<void> {
    this.#stop();
    await Promise.all([this.#loop, this.#watch.stop()]);
    if (this.#loop === undefined) return;
    try {
      await this.#attempt.release();
    } catch (error) {
      this.#log.warn('the lease could not be released; it runs out', { error: toError(error) });
    }
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    while (!this.#over.signal.aborted) {
      this.#beatAt = this.#now();
      this.#nap = new AbortController();
      await this.#step();
      await this.#pause();
    }
  }

  async #step(): Promise<void> {
    try {
      const answer = await this.#attempt.perform(this.#isLeading);
      if (!this.#over.signal.aborted) this.#take(answer);
    } catch (error) {
      this.#log.warn('the lease could not be acquired or renewed', { error: toError(error) });
    }
  }

  #take({ move, sentAt, holder }: LeaseAnswer): void {
    if (move === 'lost') {
      this.#lose('the lease is not ours any more');
    } else if (move === 'wait') {
      if (holder !== this.#seenHolder) this.#log.info('another process leads', { holder });
      this.#seenHolder = holder;
    } else if (this.#isLeading && !this.mayWrite()) {
      this.#lose('renewed too late');
    } else {
      this.#lead(sentAt);
    }
  }

  #lead(sentAt: number): void {
    const { renewDeadlineMs } = this.#timing;
    this.#leadsUntil = sentAt + renewDeadlineMs;
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(
      () => this.#lose('not renewed within the deadline'),
      Math.max(0, this.#leadsUntil - this.#now()),
    );
    if (this.#isLeading) return;
    this.#isLeading = true;
    this.#log.info('this process leads now');
    this.#options.onElected();
  }

  #lose(reason: string): void {
    this.#stop();
    this.#log.error('leadership lost', { reason });
    this.#options.onLost();
  }

  #stop(): void {
    this.#isLeading = false;
    clearTimeout(this.#deadline);
    this.#over.abort();
  }

  async #pause(): Promise<void> {
    const { retryMs, jitter } = this.#timing;
    const { random = Math.random } = this.#options;
    const pauseMs = this.#isLeading ? retryMs : retryMs * (1 + jitter * random());
    const signal = AbortSignal.any([this.#over.signal, this.#nap.signal]);
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }

  /**
   * Tells a candidate at once that the lease was released, and a leader that somebody else took or
   * deleted it; the loop alone would be enough. It may be behind, so the loop looks for itself.
   */
  #buildWatch(): Informer<Lease> {
    const { client, clock, log, lease } = this.#options;
    const watch: Informer<Lease> = new Informer<Lease>({
      client,
      clock,
      log,
      type: RESOURCE_TYPES.leases,
      namespace: lease.namespace,
      fieldSelector: `metadata.name=${lease.name}`,
      onChange: (key) => this.#hear(watch.get(key)?.spec?.holderIdentity),
    });
    return watch;
  }

  #hear(holder: string | undefined): void {
    const isNews = this.#isLeading ? holder !== this.#options.identity : !holder;
    if (!isNews) return;
    if (this.#isLeading) this.#attempt.doubt();
    this.#nap.abort();
  }

  #now(): number {
    return (this.#options.monotonic ?? ((): number => performance.now()))();
  }
}
