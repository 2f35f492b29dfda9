import { randomBytes } from 'node:crypto';
import { LABELS, MANAGED_BY } from '../../crds/constants.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { AlreadyExistsError } from '../../lib/kube/errors.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { buildKeyRing, KEY_BYTES, type KeyRing } from './cipher.ts';
import { SealBrokenError } from './errors.ts';
import { COMPONENTS, STATE_KEY_SECRET } from './names.ts';

/** Data key that names the key in use; every other data key is a key under its id. */
export const CURRENT_KEY = 'current';

/**
 * The keys that everything stored is sealed with; made at the first start. Whoever starts second
 * uses the keys of the first.
 *
 * @throws {SealBrokenError} if the Secret is there but holds no usable keys
 */
export async function loadStateKeys(client: KubeClient, namespace: string): Promise<KeyRing> {
  const key = { namespace, name: STATE_KEY_SECRET };
  const found = await client.get<Secret>(RESOURCE_TYPES.secrets, key);
  if (found !== undefined) return readKeyRing(found);
  try {
    return readKeyRing(await client.create(RESOURCE_TYPES.secrets, buildKeySecret(namespace)));
  } catch (error) {
    if (error instanceof AlreadyExistsError) return loadStateKeys(client, namespace);
    throw error;
  }
}

function buildKeySecret(namespace: string): Secret {
  const kid = randomBytes(4).toString('hex');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace,
      name: STATE_KEY_SECRET,
      labels: { [LABELS.managedBy]: MANAGED_BY, [LABELS.component]: COMPONENTS.keys },
    },
    type: 'Opaque',
    data: {
      [CURRENT_KEY]: Buffer.from(kid).toString('base64'),
      [kid]: randomBytes(KEY_BYTES).toString('base64'),
    },
  };
}

function readKeyRing(secret: Secret): KeyRing {
  const { [CURRENT_KEY]: current, ...rest } = secret.data ?? {};
  const raw = Object.fromEntries(
    Object.entries(rest).map(([kid, text]) => [kid, Buffer.from(text, 'base64')]),
  );
  const kid = Buffer.from(current ?? '', 'base64').toString('utf8');
  const usable = Object.values(raw).every((key) => key.length === KEY_BYTES);
  if (!usable || raw[kid] === undefined) {
    throw new SealBrokenError(`the Secret ${STATE_KEY_SECRET} holds no usable keys`);
  }
  return buildKeyRing(kid, raw);
}
