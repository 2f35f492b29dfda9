import { randomBytes } from 'node:crypto';
import { GROUP } from '../../crds/constants.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { KEY_BYTES } from './cipher.ts';
import { KeyInUseError } from './errors.ts';
import { STATE_KEY_SECRET } from './names.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { CURRENT_KEY, loadStateKeys } from './state-keys.ts';

/** When a key was replaced by another, by its id. */
const RETIRED = `${GROUP}/retired-`;
/** A process that has not read the keys for so long seals nothing any more. */
const REST_MS = 10 * 60_000;

/** A key, as people see it. */
export interface KeyState {
  kid: string;
  isCurrent: boolean;
  /** Since when another one seals; RFC 3339. */
  retiredAt: string | undefined;
}

/** Changes the keys that everything stored is sealed with, while everything runs. */
export class KeyRotation {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #clock: Clock;

  constructor(client: KubeClient, namespace: string, clock: Clock) {
    this.#client = client;
    this.#namespace = namespace;
    this.#clock = clock;
  }

  /** All keys, the one that seals first. */
  async list(): Promise<KeyState[]> {
    return readStates(await this.#read());
  }

  /** Adds a key that opens, and does not seal yet: first every process must know it. */
  async add(): Promise<string> {
    const kid = randomBytes(4).toString('hex');
    await this.#change((secret) => ({
      ...secret,
      data: { ...secret.data, [kid]: randomBytes(KEY_BYTES).toString('base64') },
    }));
    return kid;
  }

  /** Seals with a key from now on; the earlier one still opens. @throws {KeyInUseError} if it is unknown */
  async use(kid: string): Promise<void> {
    const now = this.#clock.now().toISOString();
    await this.#change((secret) => {
      if (secret.data?.[kid] === undefined) throw new KeyInUseError(`there is no key ${kid}`);
      const before = currentKid(secret);
      const annotations = Object.fromEntries(
        Object.entries(secret.metadata.annotations ?? {}).filter(
          ([name]) => name !== `${RETIRED}${kid}`,
        ),
      );
      if (before !== kid) annotations[`${RETIRED}${before}`] = now;
      const data = { ...secret.data, [CURRENT_KEY]: Buffer.from(kid).toString('base64') };
      return { ...secret, metadata: { ...secret.metadata, annotations }, data };
    });
  }

  /**
   * Removes a key. Whoever calls has looked that nothing is sealed with it.
   *
   * @throws {KeyInUseError} if it is the current one, or was until a moment ago
   */
  async remove(kid: string): Promise<void> {
    await this.#change((secret) => {
      if (currentKid(secret) === kid) throw new KeyInUseError(`${kid} is the key that seals`);
      const retiredAt = Date.parse(secret.metadata.annotations?.[`${RETIRED}${kid}`] ?? '');
      if (this.#clock.now().getTime() - retiredAt < REST_MS) {
        throw new KeyInUseError(`${kid} sealed until less than ten minutes ago: try again later`);
      }
      const kept = Object.entries(secret.data ?? {}).filter(([name]) => name !== kid);
      return { ...secret, data: Object.fromEntries(kept) };
    });
  }

  async #change(change: (secret: Secret) => Secret): Promise<void> {
    await retryOnConflict(async () => {
      const changed = change(await this.#read());
      await this.#client.replace(RESOURCE_TYPES.secrets, changed);
    });
  }

  async #read(): Promise<Secret> {
    await loadStateKeys(this.#client, this.#namespace);
    const key = { namespace: this.#namespace, name: STATE_KEY_SECRET };
    const secret = await this.#client.get<Secret>(RESOURCE_TYPES.secrets, key);
    if (secret === undefined) throw new KeyInUseError(`the Secret ${STATE_KEY_SECRET} is gone`);
    return secret;
  }
}

function readStates(secret: Secret): KeyState[] {
  const current = currentKid(secret);
  return Object.keys(secret.data ?? {})
    .filter((name) => name !== CURRENT_KEY)
    .map((kid) => ({
      kid,
      isCurrent: kid === current,
      retiredAt: secret.metadata.annotations?.[`${RETIRED}${kid}`],
    }))
    .sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent));
}

function currentKid(secret: Secret): string {
  return Buffer.from(secret.data?.[CURRENT_KEY] ?? '', 'base64').toString('utf8');
}
