import type { KubeClient } from '../../lib/kube/client.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { StateIncompleteError } from './errors.ts';
import { COMPONENTS, stateChunkName } from './names.ts';
import { buildStoredSecret, readSecretBytes } from './sealed-secret.ts';
import type { StateVersion } from './state-index.ts';

const DATA_KEY = 'chunk';
/** Chunks on their way at once: enough to be fast, few enough to hold in memory. */
const IN_FLIGHT = 4;

/** Keeps the chunks of states, one immutable Secret each. */
export class ChunkStore {
  readonly #client: KubeClient;
  readonly #namespace: string;

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /** Stores the chunks of a new version. */
  async write(
    requestUid: string,
    version: Pick<StateVersion, 'number' | 'writer'>,
    chunks: readonly Buffer[],
  ): Promise<void> {
    await inBatches(chunks, async (bytes, chunk) => {
      const name = stateChunkName(requestUid, version, chunk);
      const options = { namespace: this.#namespace, component: COMPONENTS.stateChunk, requestUid };
      const secret = buildStoredSecret({ ...options, name }, { [DATA_KEY]: bytes });
      await this.#client.create(RESOURCE_TYPES.secrets, { ...secret, immutable: true });
    });
  }

  /**
   * Reads the chunks of a version, in order.
   *
   * @throws {StateIncompleteError} if one is not there
   */
  read(requestUid: string, version: StateVersion): Promise<Buffer[]> {
    return inBatches(Array.from({ length: version.chunks }), async (_, chunk) => {
      const name = stateChunkName(requestUid, version, chunk);
      const key = { namespace: this.#namespace, name };
      const secret = await this.#client.get<Secret>(RESOURCE_TYPES.secrets, key);
      const bytes = secret === undefined ? undefined : readSecretBytes(secret, DATA_KEY);
      if (bytes === undefined) throw new StateIncompleteError(`the chunk ${name} is not there`);
      return bytes;
    });
  }

  /** Deletes the chunks of versions. */
  async remove(requestUid: string, versions: readonly StateVersion[]): Promise<void> {
    const names = versions.flatMap((version) =>
      Array.from({ length: version.chunks }, (_, chunk) =>
        stateChunkName(requestUid, version, chunk),
      ),
    );
    await inBatches(names, (name) =>
      this.#client.delete(RESOURCE_TYPES.secrets, { namespace: this.#namespace, name }),
    );
  }
}

async function inBatches<T, R>(
  items: readonly T[],
  handle: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += IN_FLIGHT) {
    const batch = items.slice(start, start + IN_FLIGHT);
    results.push(...(await Promise.all(batch.map((item, offset) => handle(item, start + offset)))));
  }
  return results;
}
