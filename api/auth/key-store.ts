import { generateKeySet, keySetSchema, type KeySet } from './key-set.ts';

/** A place that keeps one secret text. */
export interface KeyStore {
  /** The text, or undefined before the first start. */
  read(): Promise<string | undefined>;
  /** Keeps the text; false when another replica was faster. */
  create(text: string): Promise<boolean>;
  /** Keeps another text in place of one; false when it is no longer that one. */
  replace(text: string, before: string): Promise<boolean>;
}

/**
 * The keys of the api, made at the first start. Replicas that start at once agree on one set.
 *
 * @throws {SyntaxError | z.ZodError} when what is kept is no key set
 */
export async function loadKeySet(store: KeyStore): Promise<KeySet> {
  const kept = await store.read();
  if (kept !== undefined) return parseKeySet(kept);
  const made = generateKeySet();
  if (await store.create(JSON.stringify(made))) return made;
  return parseKeySet((await store.read()) ?? '');
}

/**
 * The keys of a text.
 *
 * @throws {SyntaxError | z.ZodError} when it is no key set
 */
export function parseKeySet(text: string): KeySet {
  return keySetSchema.parse(JSON.parse(text));
}
