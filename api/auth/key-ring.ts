import type { KeySet } from './key-set.ts';
import { loadKeySet, type KeyStore } from './key-store.ts';

/** The keys of the api as the store had them lately: a key that is added there is used without a restart. */
export class KeyRing implements KeySet {
  readonly #store: KeyStore;
  #keys: KeySet;

  private constructor(store: KeyStore, keys: KeySet) {
    this.#store = store;
    this.#keys = keys;
  }

  /** Loads the keys, and makes them at the first start. */
  static async open(store: KeyStore): Promise<KeyRing> {
    return new KeyRing(store, await loadKeySet(store));
  }

  /** @inheritdoc */
  get access(): KeySet['access'] {
    return this.#keys.access;
  }

  /** @inheritdoc */
  get approval(): KeySet['approval'] {
    return this.#keys.approval;
  }

  /**
   * Looks at the store again.
   *
   * @returns whether there is a key that was not there before
   */
  async reload(): Promise<boolean> {
    const before = kidsOf(this.#keys);
    this.#keys = await loadKeySet(this.#store);
    return kidsOf(this.#keys) !== before;
  }
}

function kidsOf({ access, approval }: KeySet): string {
  return [...access, ...approval].map(({ kid }) => kid).join(' ');
}
