import { LABELS, MANAGED_BY } from '../../crds/constants.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { AlreadyExistsError } from '../../lib/kube/errors.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import type { KeyStore } from './key-store.ts';

/** The Secret, in the system namespace, that holds the private keys of the api. */
export const KEYS_SECRET = 'quartermaster-api-keys';
const DATA_KEY = 'keys.json';

/** Keeps the keys in a Secret, so that all replicas sign with the same. */
export class SecretKeyStore implements KeyStore {
  readonly #client: KubeClient;
  readonly #namespace: string;

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /** @inheritdoc */
  async read(): Promise<string | undefined> {
    const key = { namespace: this.#namespace, name: KEYS_SECRET };
    const secret = await this.#client.get<Secret>(RESOURCE_TYPES.secrets, key);
    const data = secret?.data?.[DATA_KEY];
    return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
  }

  /** @inheritdoc */
  async create(text: string): Promise<boolean> {
    try {
      await this.#client.create<Secret>(RESOURCE_TYPES.secrets, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          namespace: this.#namespace,
          name: KEYS_SECRET,
          labels: { [LABELS.managedBy]: MANAGED_BY },
        },
        type: 'Opaque',
        data: { [DATA_KEY]: Buffer.from(text, 'utf8').toString('base64') },
      });
      return true;
    } catch (error) {
      if (error instanceof AlreadyExistsError) return false;
      throw error;
    }
  }
}
