import { KubernetesApiError } from '../../lib/kube/errors.ts';
import type { ChunkStore } from './chunk-store.ts';
import type { IndexStore, ReadIndex } from './index-store.ts';
import type { StateVersion } from './state-index.ts';

/** A version on its way into the store. */
export interface VersionWrite {
  requestUid: string;
  version: StateVersion;
  /** Sealed, in order. */
  chunks: readonly Buffer[];
  /** The index that names the version, over the one that was read. */
  next: ReadIndex;
  /** What that index names no more. */
  dropped: readonly StateVersion[];
  /** Looked at beside the chunks; nothing finds a chunk before the index names it. */
  permission?: Promise<unknown>;
}

/** Writes versions of states so that an index never names a chunk that is not there. */
export class VersionWriter {
  readonly #chunks: ChunkStore;
  readonly #indexes: IndexStore;

  constructor(chunks: ChunkStore, indexes: IndexStore) {
    this.#chunks = chunks;
    this.#indexes = indexes;
  }

  /**
   * First the chunks, then the index; then the chunks go that it does not name any more. Where the index
   * is refused, the new chunks go. Where nobody knows whether it was written (no answer, or an error of the
   * server), they stay: if it names them they are the state, and if not, the sweep finds them.
   *
   * @throws {ConflictError} {@link AlreadyExistsError} if somebody touched the index since it was read
   * @throws whatever `permission` rejects with; nothing was written then
   */
  async write(write: VersionWrite): Promise<void> {
    const { requestUid, version, next, dropped } = write;
    try {
      await this.#writeChunks(write);
    } catch (error) {
      await this.#forget(requestUid, version);
      throw error;
    }
    try {
      await this.#indexes.write(requestUid, next);
    } catch (error) {
      if (isRefusal(error)) await this.#forget(requestUid, version);
      throw error;
    }
    await this.#chunks.remove(requestUid, dropped);
  }

  /** Waits for both: a chunk that is still on its way could not be taken back. */
  async #writeChunks({ requestUid, version, chunks, permission }: VersionWrite): Promise<void> {
    const [permitted, written] = await Promise.allSettled([
      permission,
      this.#chunks.write(requestUid, version, chunks),
    ]);
    if (permitted.status === 'rejected') throw permitted.reason;
    if (written.status === 'rejected') throw written.reason;
  }

  /** What cannot be taken back now is left to the sweep: it must not hide why nothing was written. */
  async #forget(requestUid: string, version: StateVersion): Promise<void> {
    await this.#chunks.remove(requestUid, [version]).catch(() => undefined);
  }
}

/** Whether the API server has said no: after any other error, what was sent may have taken effect. */
function isRefusal(error: unknown): boolean {
  return error instanceof KubernetesApiError && error.status >= 400 && error.status < 500;
}
