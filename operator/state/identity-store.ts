import { z } from 'zod';
import { COMPONENTS, identityName } from './names.ts';
import type { SealedPlace, SealedStore } from './sealed-store.ts';

const storedSchema = z.object({ knownAs: z.string() });

/**
 * Keeps what modules know a request by, where that is not the uid of its resource: a plan that was
 * approved before there was a resource was made with another one, and what it made carries that.
 */
export class IdentityStore {
  readonly #sealed: SealedStore;

  constructor(sealed: SealedStore) {
    this.#sealed = sealed;
  }

  /** What fills `${request.uid}`; the uid itself where nothing else was kept. */
  async find(requestUid: string): Promise<string> {
    const kept = await this.#sealed.read(placeOf(requestUid));
    return kept === undefined ? requestUid : storedSchema.parse(kept).knownAs;
  }

  /**
   * Keeps it for good: the first one stays, since something may carry it.
   *
   * @returns what fills `${request.uid}` from now on
   */
  async keep(requestUid: string, knownAs: string): Promise<string> {
    if (knownAs === requestUid) return this.find(requestUid);
    const kept = await this.#sealed.update(
      placeOf(requestUid),
      (previous) => previous ?? { knownAs },
    );
    return storedSchema.parse(kept).knownAs;
  }
}

function placeOf(requestUid: string): SealedPlace {
  return { name: identityName(requestUid), component: COMPONENTS.identity, requestUid };
}
