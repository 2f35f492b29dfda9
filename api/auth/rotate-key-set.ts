import { generateKeySet, signingKey, toPublic, type KeySet, type StoredKey } from './key-set.ts';
import { loadKeySet, parseKeySet, type KeyStore } from './key-store.ts';

/**
 * How long a new key is published before it signs: replicas, operators and others who verify have
 * seen it by then.
 */
export const PUBLISHED_FIRST_MS = 5 * 60_000;
/** A key that no longer signs is kept for as long as tokens of it may hold: an hour, and some. */
const KEPT_MS = 2 * 3_600_000;

/**
 * Adds a new key of each kind, and forgets what is no longer needed: the private half of access keys
 * that no longer sign, and in the end all of them. Approval keys stay for ever: what was approved is
 * verified for as long as it runs, and secrets of webhooks are sealed by them.
 *
 * @param signsFrom when the new keys begin to sign
 */
export function rotateKeySet(keys: KeySet, now: Date, signsFrom: Date): KeySet {
  const made = generateKeySet();
  const begin = (list: readonly StoredKey[]): StoredKey[] =>
    list.map((key) => ({ ...key, signs_from: signsFrom.toISOString() }));
  return {
    access: [
      ...begin(made.access),
      ...retire(keys.access, now)
        .filter((key) => isKept(key, now))
        .map((key) =>
          key.retired_at === undefined ? key : { ...toPublic(key), retired_at: key.retired_at },
        ),
    ],
    approval: [...begin(made.approval), ...retire(keys.approval, now)],
  };
}

/**
 * Rotates the keys in a store.
 *
 * @returns false when somebody else changed them at the same time
 */
export async function rotateKeys(
  store: KeyStore,
  now: Date,
  publishedFirstMs = PUBLISHED_FIRST_MS,
): Promise<boolean> {
  await loadKeySet(store);
  const text = await store.read();
  if (text === undefined) return false;
  const signsFrom = new Date(now.getTime() + publishedFirstMs);
  const rotated = rotateKeySet(parseKeySet(text), now, signsFrom);
  return store.replace(JSON.stringify(rotated), text);
}

/** Keys behind the one that signs now never sign again. */
function retire(keys: readonly StoredKey[], now: Date): StoredKey[] {
  const current = keys.indexOf(signingKey(keys, now));
  return keys.map((key, index) => {
    if (index <= current) return key;
    return { ...key, retired_at: key.retired_at ?? now.toISOString() };
  });
}

function isKept({ retired_at: retiredAt }: StoredKey, now: Date): boolean {
  return retiredAt === undefined || now.getTime() - Date.parse(retiredAt) < KEPT_MS;
}
