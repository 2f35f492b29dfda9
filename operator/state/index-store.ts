import type { KubeClient } from '../../lib/kube/client.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { COMPONENTS, stateIndexName } from './names.ts';
import { buildStoredSecret, readSecretBytes } from './sealed-secret.ts';
import { EMPTY_INDEX, parseStateIndex } from './state-index.ts';
import type { StateIndex } from './state-index.ts';

const INDEX_KEY = 'index.json';

/** An index as it stands: with the Secret that it came from, if there is one. */
export interface ReadIndex {
  secret: Secret | undefined;
  index: StateIndex;
}

/** Keeps the index of each state, one Secret each. */
export class IndexStore {
  readonly #client: KubeClient;
  readonly #namespace: string;

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /** The index of a state; the empty one if there is none. */
  async read(requestUid: string): Promise<ReadIndex> {
    const key = { namespace: this.#namespace, name: stateIndexName(requestUid) };
    const secret = await this.#client.get<Secret>(RESOURCE_TYPES.secrets, key);
    const bytes = secret === undefined ? undefined : readSecretBytes(secret, INDEX_KEY);
    return { secret, index: bytes === undefined ? EMPTY_INDEX : parseStateIndex(bytes.toString()) };
  }

  /**
   * Writes an index over the one that was read.
   *
   * @throws {ConflictError} {@link AlreadyExistsError} if somebody touched it since
   */
  async write(requestUid: string, { secret, index }: ReadIndex): Promise<void> {
    const name = stateIndexName(requestUid);
    const built = buildStoredSecret(
      { namespace: this.#namespace, name, component: COMPONENTS.stateIndex, requestUid },
      { [INDEX_KEY]: Buffer.from(JSON.stringify(index)) },
    );
    if (secret === undefined) await this.#client.create(RESOURCE_TYPES.secrets, built);
    else await this.#client.replace(RESOURCE_TYPES.secrets, { ...secret, data: built.data });
  }

  /** Deletes an index that was read. */
  async remove({ secret }: ReadIndex): Promise<void> {
    if (secret !== undefined) await this.#client.delete(RESOURCE_TYPES.secrets, secret.metadata);
  }
}
