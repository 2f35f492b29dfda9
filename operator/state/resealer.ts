import { randomBytes } from 'node:crypto';
import { LABELS } from '../../crds/constants.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { ChunkStore } from './chunk-store.ts';
import { readKid, type Cipher } from './cipher.ts';
import { StateIncompleteError } from './errors.ts';
import { IndexStore } from './index-store.ts';
import { COMPONENTS } from './names.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { readSecretBytes, SEALED_SECRET_TYPE } from './sealed-secret.ts';
import { SealedStore } from './sealed-store.ts';
import { decodeState, encodeState } from './state-codec.ts';
import type { StateVersion } from './state-index.ts';
import { VersionWriter } from './version-writer.ts';

/** Kept under one key each, in a place that their labels and their name say. */
const SMALL_VALUES: readonly string[] = [
  COMPONENTS.outputs,
  COMPONENTS.generated,
  COMPONENTS.identity,
];

/** What {@link Resealer} needs. */
export interface ResealerOptions {
  client: KubeClient;
  /** The runs namespace. */
  namespace: string;
  cipher: Cipher;
}

/** Seals everything that is stored with the key that seals now, while runs go on. */
export class Resealer {
  readonly #options: ResealerOptions;
  readonly #sealed: SealedStore;
  readonly #chunks: ChunkStore;
  readonly #indexes: IndexStore;
  readonly #versions: VersionWriter;

  constructor(options: ResealerOptions) {
    const { client, namespace, cipher } = options;
    this.#options = options;
    this.#sealed = new SealedStore(client, namespace, cipher);
    this.#chunks = new ChunkStore(client, namespace);
    this.#indexes = new IndexStore(client, namespace);
    this.#versions = new VersionWriter(this.#chunks, this.#indexes);
  }

  /**
   * Seals anew what is sealed with another key. What somebody writes meanwhile is his, and sealed
   * with the key that seals now.
   *
   * @returns how many values and versions were sealed anew
   */
  async reseal(): Promise<number> {
    let count = 0;
    for (const { metadata } of await this.#listSealed()) {
      const { [LABELS.component]: component = '', [LABELS.requestUid]: requestUid = '' } =
        metadata.labels ?? {};
      if (component === COMPONENTS.stateIndex) count += await this.#resealState(requestUid);
      if (!SMALL_VALUES.includes(component)) continue;
      const place = { name: metadata.name, component, requestUid };
      if (await this.#sealed.reseal(place)) count += 1;
    }
    return count;
  }

  /** How many stored objects each key is needed for; the keys of nothing are left out. */
  async countUses(): Promise<Map<string, number>> {
    const uses = new Map<string, number>();
    for (const { metadata } of await this.#listSealed()) {
      if (metadata.labels?.[LABELS.component] === COMPONENTS.stateIndex) continue;
      const secret = await this.#options.client.get<Secret>(RESOURCE_TYPES.secrets, metadata);
      for (const key of Object.keys(secret?.data ?? {})) {
        const bytes = secret === undefined ? undefined : readSecretBytes(secret, key);
        if (bytes === undefined) continue;
        const kid = readKid(bytes);
        uses.set(kid, (uses.get(kid) ?? 0) + 1);
      }
    }
    return uses;
  }

  #listSealed(): Promise<Secret[]> {
    return this.#options.client.list<Secret>(RESOURCE_TYPES.secrets, {
      namespace: this.#options.namespace,
      fieldSelector: `type=${SEALED_SECRET_TYPE}`,
      metadataOnly: true,
    });
  }

  async #resealState(requestUid: string): Promise<number> {
    const { versions } = (await this.#indexes.read(requestUid)).index;
    let count = 0;
    for (const { number } of versions) {
      if (await this.#resealVersion(requestUid, number)) count += 1;
    }
    return count;
  }

  /** New chunks beside the old ones, as {@link VersionWriter} does it. */
  async #resealVersion(requestUid: string, number: number): Promise<boolean> {
    return retryOnConflict(async () => {
      const read = await this.#indexes.read(requestUid);
      const version = read.index.versions.find((candidate) => candidate.number === number);
      const state = version && (await this.#openOld(requestUid, version));
      if (version === undefined || state === undefined) return false;
      const next = { ...version, writer: randomBytes(5).toString('hex') };
      const chunks = await encodeState(state, { requestUid, ...next }, this.#options.cipher);
      next.chunks = chunks.length;
      const versions = read.index.versions.map((kept) => (kept === version ? next : kept));
      await this.#versions.write({
        requestUid,
        version: next,
        chunks,
        next: { ...read, index: { ...read.index, versions } },
        dropped: [version],
      });
      return true;
    });
  }

  /** @returns undefined if it is sealed with the key that seals now, or was dropped while it was read */
  async #openOld(requestUid: string, version: StateVersion): Promise<Buffer | undefined> {
    try {
      if (!(await this.#isOld(requestUid, version))) return undefined;
      const chunks = await this.#chunks.read(requestUid, version);
      return await decodeState(chunks, { requestUid, ...version }, this.#options.cipher);
    } catch (error) {
      const { versions } = (await this.#indexes.read(requestUid)).index;
      const isKept = versions.some(({ writer }) => writer === version.writer);
      if (!(error instanceof StateIncompleteError) || isKept) throw error;
      return undefined;
    }
  }

  async #isOld(requestUid: string, version: StateVersion): Promise<boolean> {
    const [first] = await this.#chunks.read(requestUid, { ...version, chunks: 1 });
    return first !== undefined && readKid(first) !== this.#options.cipher.currentKid;
  }
}
