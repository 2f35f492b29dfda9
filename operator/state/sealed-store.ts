import type { KubeClient } from '../../lib/kube/client.ts';
import { AlreadyExistsError } from '../../lib/kube/errors.ts';
import type { OwnerReference, Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { readKid, type Cipher } from './cipher.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { buildStoredSecret, readSecretBytes } from './sealed-secret.ts';

const DEFAULT_KEY = 'sealed';

/** Where a sealed value is kept, and what it is. */
export interface SealedPlace {
  name: string;
  component: string;
  requestUid: string;
  /** What it goes with, if not only with the request. */
  owner?: OwnerReference | undefined;
}

/** Keeps small JSON values, each sealed in a Secret. */
export class SealedStore {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #cipher: Cipher;

  constructor(client: KubeClient, namespace: string, cipher: Cipher) {
    this.#client = client;
    this.#namespace = namespace;
    this.#cipher = cipher;
  }

  /**
   * The value kept there.
   *
   * @throws {SealBrokenError} if it was changed or put there by somebody else
   */
  async read(place: SealedPlace): Promise<unknown> {
    return this.open(await this.#get(place), place);
  }

  /**
   * The value in a Secret that was read already.
   *
   * @throws {SealBrokenError} if it was changed or put there by somebody else
   */
  open(secret: Secret | undefined, place: SealedPlace): unknown {
    const sealed = secret === undefined ? undefined : readSecretBytes(secret, DEFAULT_KEY);
    if (sealed === undefined) return undefined;
    return this.#cipher.openJson(sealed, sealPlace(place, DEFAULT_KEY));
  }

  /**
   * Changes the value kept there; whoever else changes it meanwhile is not overwritten.
   *
   * @param place where
   * @param change the new value out of the old one; the same value means: nothing to write
   * @returns the value that stands there now
   */
  async update<T>(place: SealedPlace, change: (previous: unknown) => T): Promise<T> {
    return retryOnConflict(async () => {
      const secret = await this.#get(place);
      const previous = this.open(secret, place);
      const value = change(previous);
      if (value !== previous) await this.#put(secret, place, value);
      return value;
    });
  }

  /** Keeps a value in the place of whatever is kept there. */
  async write(place: SealedPlace, value: unknown): Promise<void> {
    const sealed = this.#cipher.sealJson(value, sealPlace(place, DEFAULT_KEY));
    try {
      await this.#create(place, { [DEFAULT_KEY]: sealed });
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
      const key = { namespace: this.#namespace, name: place.name };
      const data = { [DEFAULT_KEY]: sealed.toString('base64') };
      await this.#client.mergePatch<Secret>(RESOURCE_TYPES.secrets, key, { data });
    }
  }

  /**
   * Seals what is kept there with the key that seals now.
   *
   * @returns false when it was so already
   */
  async reseal(place: SealedPlace): Promise<boolean> {
    return retryOnConflict(async () => {
      const secret = await this.#get(place);
      const sealed = secret === undefined ? undefined : readSecretBytes(secret, DEFAULT_KEY);
      if (sealed === undefined || readKid(sealed) === this.#cipher.currentKid) return false;
      await this.#put(secret, place, this.open(secret, place));
      return true;
    });
  }

  /** Deletes what is kept there. */
  async remove(place: SealedPlace): Promise<void> {
    const key = { namespace: this.#namespace, name: place.name };
    await this.#client.delete(RESOURCE_TYPES.secrets, key);
  }

  #get(place: SealedPlace): Promise<Secret | undefined> {
    const key = { namespace: this.#namespace, name: place.name };
    return this.#client.get<Secret>(RESOURCE_TYPES.secrets, key);
  }

  async #put(secret: Secret | undefined, place: SealedPlace, value: unknown): Promise<void> {
    const sealed = this.#cipher.sealJson(value, sealPlace(place, DEFAULT_KEY));
    if (secret === undefined) {
      await this.#create(place, { [DEFAULT_KEY]: sealed });
      return;
    }
    const data = { ...secret.data, [DEFAULT_KEY]: sealed.toString('base64') };
    await this.#client.replace(RESOURCE_TYPES.secrets, { ...secret, data });
  }

  async #create(place: SealedPlace, data: Record<string, Buffer>): Promise<void> {
    const built = buildStoredSecret({ namespace: this.#namespace, ...place }, data);
    if (place.owner !== undefined) built.metadata.ownerReferences = [place.owner];
    await this.#client.create(RESOURCE_TYPES.secrets, built);
  }
}

/** What a seal is bound to: the kind of value, the request, the object and the key in it. */
function sealPlace(place: SealedPlace, key: string): string {
  return `${place.component}/${place.requestUid}/${place.name}/${key}`;
}
