import { z } from 'zod';
import { generateValue, type GeneratedValue } from './generate-value.ts';
import { COMPONENTS, generatedName } from './names.ts';
import type { SealedPlace, SealedStore } from './sealed-store.ts';

const valuesSchema = z.record(z.string(), z.string());

const storedSchema = z.object({
  /** In force: what the last successful run applied, or the first one will. */
  values: valuesSchema,
  /** The rotation that they were made for. */
  rotation: z.string().optional(),
  /** Made for a rotation whose run has not succeeded yet. */
  next: z.object({ rotation: z.string(), values: valuesSchema }).optional(),
});

type Stored = z.infer<typeof storedSchema>;

/** Before there were rotations the values stood by themselves. */
const anySchema = z.union([storedSchema, valuesSchema.transform((values): Stored => ({ values }))]);

/** Values for a run. */
export interface GeneratedValues {
  values: Record<string, string>;
  /** Every value that is or may be in force, for masking. */
  known: string[];
}

/** Which values a run is given. */
export interface GeneratedChoice {
  /** The rotation that it is made for; the values in force if there is none. */
  rotation: string | undefined;
  /** Whether new values are made for a rotation that has none yet. */
  mayMakeNew: boolean;
  /**
   * What the saved plan was made with that is to be applied; taken over where there is nothing yet, since
   * a plan may be older than the resource that it is for.
   */
  planned?: Record<string, string> | undefined;
}

const IN_FORCE: GeneratedChoice = { rotation: undefined, mayMakeNew: false };

/** Keeps the values that the platform makes for each request: passwords, keys. */
export class GeneratedStore {
  readonly #sealed: SealedStore;

  constructor(sealed: SealedStore) {
    this.#sealed = sealed;
  }

  /**
   * The values of a request, made when they are first needed and the same ever after, except that
   * each rotation has values of its own: the same ones for all its runs.
   *
   * @param requestUid whose
   * @param wanted how each is made, by name
   * @param choice those in force if left out
   */
  async obtain(
    requestUid: string,
    wanted: Record<string, GeneratedValue>,
    choice: GeneratedChoice = IN_FORCE,
  ): Promise<GeneratedValues> {
    const names = Object.keys(wanted);
    if (names.length === 0) return { values: {}, known: [] };
    const place = placeOf(requestUid);
    const kept = await this.#sealed.update(place, (previous) =>
      extend(takeOver(previous, choice), wanted, choice),
    );
    const stored = anySchema.parse(kept);
    const values = isForNext(stored, choice) ? stored.next.values : stored.values;
    return {
      values: Object.fromEntries(names.map((name) => [name, values[name] ?? ''])),
      known: [...Object.values(stored.values), ...Object.values(stored.next?.values ?? {})],
    };
  }

  /** The values that a run for this rotation is given; none before there are any. */
  async peek(requestUid: string, rotation: string | undefined): Promise<Record<string, string>> {
    const kept = await this.#sealed.read(placeOf(requestUid));
    if (kept === undefined) return {};
    const stored = anySchema.parse(kept);
    return isForNext(stored, { rotation, mayMakeNew: false }) ? stored.next.values : stored.values;
  }

  /** Puts the values of a rotation in force, once a run has applied them; again is no change. */
  async adopt(requestUid: string, rotation: string): Promise<void> {
    await this.#sealed.update(placeOf(requestUid), (previous) => {
      if (previous === undefined) return previous;
      const { next } = anySchema.parse(previous);
      return next?.rotation === rotation ? { values: next.values, rotation } : previous;
    });
  }

  /** Takes over the values of another request, where there are none yet. */
  async copy(from: string, requestUid: string): Promise<void> {
    const kept = await this.#sealed.read(placeOf(from));
    if (kept === undefined) return;
    await this.#sealed.update(placeOf(requestUid), (previous) => previous ?? anySchema.parse(kept));
  }

  /** Forgets the values. */
  async remove(requestUid: string): Promise<void> {
    await this.#sealed.remove(placeOf(requestUid));
  }
}

/** The values of a plan, in place of none; gives the very same value when there are some. */
function takeOver(previous: unknown, { planned = {}, rotation }: GeneratedChoice): unknown {
  if (Object.keys(planned).length === 0) return previous;
  if (previous === undefined) return { values: planned, rotation };
  const stored = anySchema.parse(previous);
  if (rotation === undefined || rotation === stored.rotation) return previous;
  if (stored.next?.rotation === rotation) return previous;
  return { ...stored, next: { rotation, values: planned } };
}

/** Adds what is missing; gives the very same value when nothing is. */
function extend(
  previous: unknown,
  wanted: Record<string, GeneratedValue>,
  choice: GeneratedChoice,
): unknown {
  const { rotation } = choice;
  if (previous === undefined) return { values: complete({}, wanted), rotation };
  const stored = anySchema.parse(previous);
  if (isForNext(stored, choice)) {
    const values = complete(stored.next.values, wanted);
    return values === stored.next.values
      ? previous
      : { ...stored, next: { ...stored.next, values } };
  }
  if (rotation === undefined || rotation === stored.rotation || !choice.mayMakeNew) {
    const values = complete(stored.values, wanted);
    return values === stored.values ? previous : { ...stored, values };
  }
  return { ...stored, next: { rotation, values: { ...stored.values, ...complete({}, wanted) } } };
}

function complete(
  known: Record<string, string>,
  wanted: Record<string, GeneratedValue>,
): Record<string, string> {
  const missing = Object.entries(wanted).filter(([name]) => !Object.hasOwn(known, name));
  if (missing.length === 0) return known;
  const made = missing.map(([name, how]) => [name, generateValue(how)] as const);
  return { ...known, ...Object.fromEntries(made) };
}

function isForNext(
  stored: Stored,
  { rotation }: GeneratedChoice,
): stored is Stored & { next: NonNullable<Stored['next']> } {
  return rotation !== undefined && stored.next?.rotation === rotation;
}

function placeOf(requestUid: string): SealedPlace {
  return { name: generatedName(requestUid), component: COMPONENTS.generated, requestUid };
}
