import { randomBytes } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { ChunkStore } from './chunk-store.ts';
import type { Cipher } from './cipher.ts';
import { StateIncompleteError, StateLockLostError } from './errors.ts';
import { IndexStore } from './index-store.ts';
import type { LockHolder } from './lock-holder.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { decodeState, encodeState } from './state-codec.ts';
import { addVersion, findCurrentVersion } from './state-index.ts';
import type { StateIndex, StateVersion } from './state-index.ts';
import type { StateLock } from './state-lock.ts';
import { VersionWriter } from './version-writer.ts';

/** What {@link StateStore} needs. */
export interface StateStoreOptions {
  client: KubeClient;
  namespace: string;
  cipher: Cipher;
  lock: StateLock;
  clock: Clock;
}

/**
 * Keeps the Terraform state of each request: compressed, sealed, in chunks, with an index that names
 * the current chunks and the last versions.
 *
 * Writing is fenced. The index is read before the lock is checked, and replaced only if nobody
 * touched it since; breaking a lock touches it. So a writer that loses its lock half-way is refused.
 */
export class StateStore {
  readonly #options: StateStoreOptions;
  readonly #chunks: ChunkStore;
  readonly #indexes: IndexStore;
  readonly #versions: VersionWriter;

  constructor(options: StateStoreOptions) {
    this.#options = options;
    this.#indexes = new IndexStore(options.client, options.namespace);
    this.#chunks = new ChunkStore(options.client, options.namespace);
    this.#versions = new VersionWriter(this.#chunks, this.#indexes);
  }

  /**
   * The state, or undefined when there is none.
   *
   * @throws {SealBrokenError} {@link StateIncompleteError} if what is stored was tampered with
   */
  async read(requestUid: string): Promise<Buffer | undefined> {
    return this.#readVersion(requestUid, findCurrentVersion);
  }

  /** A version that is kept, as {@link read}; undefined when there is none of that number. */
  async readVersion(requestUid: string, wanted: number): Promise<Buffer | undefined> {
    return this.#readVersion(requestUid, ({ versions }) =>
      versions.find(({ number }) => number === wanted),
    );
  }

  /**
   * Writes a new version of the state.
   *
   * @throws {StateLockLostError} if the writer does not hold the lock, also if it lost it meanwhile
   */
  async write(requestUid: string, state: Buffer, holder: LockHolder): Promise<void> {
    await retryOnConflict(async () => {
      const read = await this.#indexes.read(requestUid);
      const place = { number: read.index.last + 1, writer: randomBytes(5).toString('hex') };
      const { cipher, clock } = this.#options;
      const chunks = await encodeState(state, { requestUid, ...place }, cipher);
      const version = {
        ...place,
        run: holder.run,
        writtenAt: clock.now().toISOString(),
        chunks: chunks.length,
        bytes: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
      };
      const { index, dropped } = addVersion(read.index, version);
      const next = { ...read, index };
      const permission = this.#assertLocked(requestUid, holder);
      await this.#versions.write({ requestUid, version, chunks, next, dropped, permission });
    });
  }

  /** Forgets the state; its versions stay. @throws {StateLockLostError} as {@link write} */
  async clear(requestUid: string, holder: LockHolder): Promise<void> {
    await retryOnConflict(async () => {
      const read = await this.#indexes.read(requestUid);
      await this.#assertLocked(requestUid, holder);
      if (read.index.current === 0) return;
      await this.#indexes.write(requestUid, { ...read, index: { ...read.index, current: 0 } });
    });
  }

  /** Refuses whoever is writing at this moment; called after a lock was broken. */
  async fence(requestUid: string): Promise<void> {
    await retryOnConflict(async () => {
      const read = await this.#indexes.read(requestUid);
      const index = { ...read.index, fence: read.index.fence + 1 };
      await this.#indexes.write(requestUid, { ...read, index });
    });
  }

  /** Deletes every version that the index names, then the index. */
  async remove(requestUid: string): Promise<void> {
    const read = await this.#indexes.read(requestUid);
    await this.#chunks.remove(requestUid, read.index.versions);
    await this.#indexes.remove(read);
  }

  /** What is known about the versions of a state. */
  async readIndex(requestUid: string): Promise<StateIndex> {
    return (await this.#indexes.read(requestUid)).index;
  }

  /** Once more if the chunks went while they were read: the version was sealed anew, or is dropped. */
  async #readVersion(
    requestUid: string,
    find: (index: StateIndex) => StateVersion | undefined,
  ): Promise<Buffer | undefined> {
    const version = find(await this.readIndex(requestUid));
    if (version === undefined) return undefined;
    try {
      const chunks = await this.#chunks.read(requestUid, version);
      return await decodeState(chunks, { requestUid, ...version }, this.#options.cipher);
    } catch (error) {
      const now = find(await this.readIndex(requestUid));
      if (!(error instanceof StateIncompleteError) || now?.writer === version.writer) throw error;
      return this.#readVersion(requestUid, find);
    }
  }

  async #assertLocked(requestUid: string, holder: LockHolder): Promise<void> {
    if (await this.#options.lock.isHeldBy(requestUid, holder)) return;
    throw new StateLockLostError(`run ${holder.run} does not hold the lock of this state`);
  }
}
