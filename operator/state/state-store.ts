import { randomBytes } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { ChunkStore } from './chunk-store.ts';
import type { Cipher } from './cipher.ts';
import { StateLockLostError } from './errors.ts';
import type { LockHolder } from './lock-holder.ts';
import { COMPONENTS, stateIndexName } from './names.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { buildStoredSecret, readSecretBytes } from './sealed-secret.ts';
import { decodeState, encodeState } from './state-codec.ts';
import { addVersion, EMPTY_INDEX, findCurrentVersion, parseStateIndex } from './state-index.ts';
import type { StateIndex } from './state-index.ts';
import type { StateLock } from './state-lock.ts';

const INDEX_KEY = 'index.json';

/** What {@link StateStore} needs. */
export interface StateStoreOptions {
  client: KubeClient;
  namespace: string;
  cipher: Cipher;
  lock: StateLock;
  clock: Clock;
}

/** An index as it stands: with the Secret that it came from, if there is one. */
interface ReadIndex {
  secret: Secret | undefined;
  index: StateIndex;
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

  constructor(options: StateStoreOptions) {
    this.#options = options;
    this.#chunks = new ChunkStore(options.client, options.namespace);
  }

  /**
   * The state, or undefined when there is none.
   *
   * @throws {SealBrokenError} {@link StateIncompleteError} if what is stored was tampered with
   */
  async read(requestUid: string): Promise<Buffer | undefined> {
    const { index } = await this.#readIndex(requestUid);
    const version = findCurrentVersion(index);
    if (version === undefined) return undefined;
    const chunks = await this.#chunks.read(requestUid, version);
    return decodeState(chunks, { requestUid, ...version }, this.#options.cipher);
  }

  /**
   * Writes a new version of the state.
   *
   * @throws {StateLockLostError} if the writer does not hold the lock, also if it lost it meanwhile
   */
  async write(requestUid: string, state: Buffer, holder: LockHolder): Promise<void> {
    await retryOnConflict(async () => {
      const read = await this.#readIndex(requestUid);
      await this.#assertLocked(requestUid, holder);
      const place = { number: read.index.last + 1, writer: randomBytes(5).toString('hex') };
      const { cipher, clock } = this.#options;
      const chunks = await encodeState(state, { requestUid, ...place }, cipher);
      await this.#chunks.write(requestUid, place, chunks);
      const version = {
        ...place,
        run: holder.run,
        writtenAt: clock.now().toISOString(),
        chunks: chunks.length,
        bytes: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
      };
      const { index, dropped } = addVersion(read.index, version);
      await this.#writeIndex(requestUid, { ...read, index }).catch(async (error: unknown) => {
        await this.#chunks.remove(requestUid, [version]);
        throw error;
      });
      await this.#chunks.remove(requestUid, dropped);
    });
  }

  /** Forgets the state; its versions stay. @throws {StateLockLostError} as {@link write} */
  async clear(requestUid: string, holder: LockHolder): Promise<void> {
    await retryOnConflict(async () => {
      const read = await this.#readIndex(requestUid);
      await this.#assertLocked(requestUid, holder);
      if (read.index.current === 0) return;
      await this.#writeIndex(requestUid, { ...read, index: { ...read.index, current: 0 } });
    });
  }

  /** Refuses whoever is writing at this moment; called after a lock was broken. */
  async fence(requestUid: string): Promise<void> {
    await retryOnConflict(async () => {
      const read = await this.#readIndex(requestUid);
      const index = { ...read.index, fence: read.index.fence + 1 };
      await this.#writeIndex(requestUid, { ...read, index });
    });
  }

  /** Deletes every version that the index names, then the index. */
  async remove(requestUid: string): Promise<void> {
    const { secret, index } = await this.#readIndex(requestUid);
    if (secret === undefined) return;
    await this.#chunks.remove(requestUid, index.versions);
    await this.#options.client.delete(RESOURCE_TYPES.secrets, secret.metadata);
  }

  /** What is known about the versions of a state. */
  async readIndex(requestUid: string): Promise<StateIndex> {
    return (await this.#readIndex(requestUid)).index;
  }

  async #readIndex(requestUid: string): Promise<ReadIndex> {
    const key = { namespace: this.#options.namespace, name: stateIndexName(requestUid) };
    const secret = await this.#options.client.get<Secret>(RESOURCE_TYPES.secrets, key);
    const bytes = secret === undefined ? undefined : readSecretBytes(secret, INDEX_KEY);
    return { secret, index: bytes === undefined ? EMPTY_INDEX : parseStateIndex(bytes.toString()) };
  }

  async #writeIndex(requestUid: string, { secret, index }: ReadIndex): Promise<void> {
    const { client, namespace } = this.#options;
    const name = stateIndexName(requestUid);
    const built = buildStoredSecret(
      { namespace, name, component: COMPONENTS.stateIndex, requestUid },
      { [INDEX_KEY]: Buffer.from(JSON.stringify(index)) },
    );
    if (secret === undefined) await client.create(RESOURCE_TYPES.secrets, built);
    else await client.replace(RESOURCE_TYPES.secrets, { ...secret, data: built.data });
  }

  async #assertLocked(requestUid: string, holder: LockHolder): Promise<void> {
    if (await this.#options.lock.isHeldBy(requestUid, holder)) return;
    throw new StateLockLostError(`run ${holder.run} does not hold the lock of this state`);
  }
}
