import { z } from 'zod';
import { COMPONENTS, outputsName } from './names.ts';
import type { SealedPlace, SealedStore } from './sealed-store.ts';

const storedSchema = z.object({
  values: z.record(z.string(), z.unknown()),
  sensitive: z.array(z.string()),
});

/** Outputs of a module, and the names of those that it calls sensitive. */
export type StoredOutputs = z.infer<typeof storedSchema>;

/** Keeps the outputs of each request's last apply. */
export class OutputStore {
  readonly #sealed: SealedStore;

  constructor(sealed: SealedStore) {
    this.#sealed = sealed;
  }

  /** The output values by name; undefined when nothing was applied yet. */
  async read(requestUid: string): Promise<Record<string, unknown> | undefined> {
    return (await this.readAll(requestUid))?.values;
  }

  /** As {@link read}, with the names of the sensitive ones. */
  async readAll(requestUid: string): Promise<StoredOutputs | undefined> {
    const value = await this.#sealed.read(placeOf(requestUid));
    return value === undefined ? undefined : storedSchema.parse(value);
  }

  /** Keeps these outputs in place of the earlier ones. */
  async write(requestUid: string, outputs: StoredOutputs): Promise<void> {
    await this.#sealed.write(placeOf(requestUid), outputs);
  }

  /** Forgets the outputs. */
  async remove(requestUid: string): Promise<void> {
    await this.#sealed.remove(placeOf(requestUid));
  }
}

function placeOf(requestUid: string): SealedPlace {
  return { name: outputsName(requestUid), component: COMPONENTS.outputs, requestUid };
}
