import { LABELS, MANAGED_BY } from '../../crds/constants.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { AlreadyExistsError, ConflictError } from '../../lib/kube/errors.ts';
import type { ObjectKey, Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import type { KeyStore } from './key-store.ts';

/** The Secret, in the system namespace, that holds the private keys of the api. */
export const KEYS_SECRET = 'quartermaster-api-keys';
const DATA_KEY = 'keys.json';

/**
 * Keeps the keys in a Secret, so that all replicas sign with the same. An installation makes the
 * Secret empty, because a right to create cannot be bound to a name; the first start fills it.
 */
export class SecretKeyStore implements KeyStore {
  readonly #client: KubeClient;
  readonly #key: ObjectKey & { namespace: string };

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#key = { namespace, name: KEYS_SECRET };
  }

  /** @inheritdoc */
  async read(): Promise<string | undefined> {
    const data = (await this.#find())?.data?.[DATA_KEY];
    return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
  }

  /** @inheritdoc */
  async create(text: string): Promise<boolean> {
    const data = { [DATA_KEY]: encode(text) };
    try {
      const empty = await this.#find();
      if (empty?.data?.[DATA_KEY] !== undefined) return false;
      // Its resourceVersion is in it: of two replicas that fill it at once, one is refused.
      if (empty) await this.#client.replace(RESOURCE_TYPES.secrets, { ...empty, data });
      else await this.#client.create(RESOURCE_TYPES.secrets, buildSecret(this.#key, data));
      return true;
    } catch (error) {
      if (error instanceof AlreadyExistsError || error instanceof ConflictError) return false;
      throw error;
    }
  }

  /** @inheritdoc */
  async replace(text: string, before: string): Promise<boolean> {
    const secret = await this.#find();
    if (secret?.data?.[DATA_KEY] !== encode(before)) return false;
    const data = { ...secret.data, [DATA_KEY]: encode(text) };
    try {
      await this.#client.replace(RESOURCE_TYPES.secrets, { ...secret, data });
      return true;
    } catch (error) {
      if (error instanceof ConflictError) return false;
      throw error;
    }
  }

  #find(): Promise<Secret | undefined> {
    return this.#client.get<Secret>(RESOURCE_TYPES.secrets, this.#key);
  }
}

function encode(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

function buildSecret(key: ObjectKey, data: Record<string, string>): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...key, labels: { [LABELS.managedBy]: MANAGED_BY } },
    type: 'Opaque',
    data,
  };
}
