import { z } from 'zod';
import { generateValue, type GeneratedValue } from './generate-value.ts';
import { COMPONENTS, generatedName } from './names.ts';
import type { SealedPlace, SealedStore } from './sealed-store.ts';

const valuesSchema = z.record(z.string(), z.string());

/** Keeps the values that the platform makes for each request: passwords, keys. */
export class GeneratedStore {
  readonly #sealed: SealedStore;

  constructor(sealed: SealedStore) {
    this.#sealed = sealed;
  }

  /**
   * The values of a request, made when they are first needed and the same ever after.
   *
   * @param requestUid whose
   * @param wanted how each is made, by name
   */
  async obtain(
    requestUid: string,
    wanted: Record<string, GeneratedValue>,
  ): Promise<Record<string, string>> {
    const names = Object.keys(wanted);
    if (names.length === 0) return {};
    const values = await this.#sealed.update(placeOf(requestUid), (previous) =>
      complete(previous, wanted),
    );
    const known = valuesSchema.parse(values);
    return Object.fromEntries(names.map((name) => [name, known[name] ?? '']));
  }

  /** Forgets the values. */
  async remove(requestUid: string): Promise<void> {
    await this.#sealed.remove(placeOf(requestUid));
  }
}

/** Adds what is missing; gives the very same value when nothing is. */
function complete(previous: unknown, wanted: Record<string, GeneratedValue>): unknown {
  const known = valuesSchema.parse(previous ?? {});
  const missing = Object.entries(wanted).filter(([name]) => !Object.hasOwn(known, name));
  if (missing.length === 0) return previous;
  return {
    ...known,
    ...Object.fromEntries(missing.map(([name, how]) => [name, generateValue(how)])),
  };
}

function placeOf(requestUid: string): SealedPlace {
  return { name: generatedName(requestUid), component: COMPONENTS.generated, requestUid };
}
