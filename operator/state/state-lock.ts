import { GROUP, LABELS } from '../../crds/constants.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { Lease } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { AlreadyStartedError, StateLockedError } from './errors.ts';
import { answerLock, formatHolder, parseHolder } from './lock-holder.ts';
import type { LockAnswer, LockHolder } from './lock-holder.ts';
import { COMPONENTS, stateLockName } from './names.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { buildStoredLabels } from './sealed-secret.ts';

/** Names the holder that gave the lock back, so that its run cannot start once more. */
const LAST_HOLDER = `${GROUP}/last-holder`;
/** On Leases that somebody holds, so that these are found among all that nobody holds any more. */
const HELD = `${GROUP}/held`;

/** A lock that is held, as a sweep sees it. */
export interface HeldLock {
  requestUid: string;
  holder: LockHolder;
  /** RFC 3339. */
  since: string;
}

/** A lock as it was read, for the write that follows. */
export interface SeenLock {
  /** What it means to whoever asked. */
  answer: LockAnswer;
  lease: Lease | undefined;
}

/** What {@link StateLock} needs. */
export interface StateLockOptions {
  client: KubeClient;
  namespace: string;
  clock: Clock;
}

/**
 * The lock on a request's state: a Lease that does not expire. A run holds it from its start to its
 * result; it is broken only by whoever has proof that the run's pod is gone.
 */
export class StateLock {
  readonly #options: StateLockOptions;

  constructor(options: StateLockOptions) {
    this.#options = options;
  }

  /**
   * Takes the lock; taking it twice is taking it once.
   *
   * @param requestUid whose state
   * @param holder who takes it
   * @param permission what is looked at beside the lock; the lock is not taken where it rejects
   * @throws {StateLockedError} if another run holds it
   * @throws {AlreadyStartedError} if another process of the same run holds it or has held it
   * @throws whatever `permission` rejects with
   */
  async acquire(
    requestUid: string,
    holder: LockHolder,
    permission?: Promise<unknown>,
  ): Promise<void> {
    await retryOnConflict(async () => {
      const [lease] = await Promise.all([this.#read(requestUid), permission]);
      const answer = answerFor(lease, holder);
      if (answer.kind === 'held') return;
      if (answer.kind === 'locked') throw new StateLockedError(answer.run);
      if (answer.kind !== 'free') {
        throw new AlreadyStartedError(`run ${holder.run} was started before`);
      }
      await this.#take(requestUid, lease, holder);
    });
  }

  /** Whether this very process holds the lock. */
  async isHeldBy(requestUid: string, holder: LockHolder): Promise<boolean> {
    const lease = await this.#read(requestUid);
    return lease?.spec?.holderIdentity === formatHolder(holder);
  }

  /** Who holds the lock. */
  async findHolder(requestUid: string): Promise<LockHolder | undefined> {
    return parseHolder((await this.#read(requestUid))?.spec?.holderIdentity);
  }

  /** All locks that are held. */
  async listHeld(): Promise<HeldLock[]> {
    const { client, namespace } = this.#options;
    const labelSelector = `${LABELS.component}=${COMPONENTS.stateLock},${HELD}=true`;
    const leases = await client.list<Lease>(RESOURCE_TYPES.leases, { namespace, labelSelector });
    return leases.flatMap(({ metadata, spec }) => {
      const holder = parseHolder(spec?.holderIdentity);
      const requestUid = metadata.labels?.[LABELS.requestUid];
      if (holder === undefined || requestUid === undefined) return [];
      return [{ requestUid, holder, since: spec?.acquireTime ?? '' }];
    });
  }

  /** Who had the lock last, if nobody has it now or somebody took it since. */
  async findLastHolder(requestUid: string): Promise<LockHolder | undefined> {
    return parseHolder((await this.#read(requestUid))?.metadata.annotations?.[LAST_HOLDER]);
  }

  /** What the lock means to this process. */
  async look(requestUid: string, holder: LockHolder): Promise<SeenLock> {
    const lease = await this.#read(requestUid);
    return { answer: answerFor(lease, holder), lease };
  }

  /**
   * Gives the lock back.
   *
   * @param requestUid whose state
   * @param isHolder says whether the holder is the one that is meant
   * @param seen the lock as it was read before; it is read anew where it has changed since
   * @returns false when it was not held by that one
   */
  async release(
    requestUid: string,
    isHolder: (holder: LockHolder) => boolean,
    seen?: SeenLock,
  ): Promise<boolean> {
    let known = seen?.lease;
    return retryOnConflict(async () => {
      const lease = known ?? (await this.#read(requestUid));
      known = undefined;
      const holder = parseHolder(lease?.spec?.holderIdentity);
      if (lease === undefined || holder === undefined || !isHolder(holder)) return false;
      await this.#options.client.replace<Lease>(RESOURCE_TYPES.leases, {
        ...lease,
        metadata: {
          ...lease.metadata,
          labels: { ...lease.metadata.labels, [HELD]: 'false' },
          annotations: { ...lease.metadata.annotations, [LAST_HOLDER]: formatHolder(holder) },
        },
        spec: { ...lease.spec, holderIdentity: undefined },
      });
      return true;
    });
  }

  #read(requestUid: string): Promise<Lease | undefined> {
    const { client, namespace } = this.#options;
    return client.get<Lease>(RESOURCE_TYPES.leases, { namespace, name: stateLockName(requestUid) });
  }

  /** Optimistic both ways: whoever comes second gets a conflict and looks again. */
  async #take(requestUid: string, lease: Lease | undefined, holder: LockHolder): Promise<void> {
    const { client, namespace, clock } = this.#options;
    const now = clock.now().toISOString().replace('Z', '000Z');
    const spec = { holderIdentity: formatHolder(holder), acquireTime: now, renewTime: now };
    if (lease !== undefined) {
      const labels = { ...lease.metadata.labels, [HELD]: 'true' };
      const metadata = { ...lease.metadata, labels };
      await client.replace<Lease>(RESOURCE_TYPES.leases, { ...lease, metadata, spec });
      return;
    }
    await client.create<Lease>(RESOURCE_TYPES.leases, {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        namespace,
        name: stateLockName(requestUid),
        labels: { ...buildStoredLabels(COMPONENTS.stateLock, requestUid), [HELD]: 'true' },
      },
      spec,
    });
  }
}

function answerFor(lease: Lease | undefined, asking: LockHolder): LockAnswer {
  const last = parseHolder(lease?.metadata.annotations?.[LAST_HOLDER]);
  return answerLock(parseHolder(lease?.spec?.holderIdentity), last, asking);
}
