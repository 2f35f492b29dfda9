import type { KubeClient } from '../../lib/kube/client.ts';
import { KubernetesApiError } from '../../lib/kube/errors.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { UnavailableError } from '../errors.ts';

/** Reads credentials where the operator put them. */
export interface CredentialsReader {
  /**
   * @param reference the Secret
   * @param ownerUid uid of the resource that it has to be of
   * @returns the values; undefined where there is no Secret, `foreign` where it is not that one's
   * @throws {UnavailableError} while Kubernetes does not answer
   */
  read(
    reference: { namespace: string; secret_name: string },
    ownerUid: string,
  ): Promise<Record<string, string> | 'foreign' | undefined>;
}

/** A reader with the rights of the api in the namespaces of projects. */
export function createCredentialsReader(client: KubeClient): CredentialsReader {
  return {
    read: async ({ namespace, secret_name: name }, ownerUid) => {
      const secret = await readSecret(client, { namespace, name });
      if (!secret) return undefined;
      const owners = secret.metadata.ownerReferences ?? [];
      if (!owners.some((owner) => owner['uid'] === ownerUid)) return 'foreign';
      return decode(secret.data ?? {});
    },
  };
}

/** The reader of an api that runs without Kubernetes. */
export const noCredentials: CredentialsReader = {
  read: () => {
    throw new UnavailableError('This installation runs without Kubernetes.');
  },
};

async function readSecret(
  client: KubeClient,
  key: { namespace: string; name: string },
): Promise<Secret | undefined> {
  try {
    return await client.get<Secret>(RESOURCE_TYPES.secrets, key);
  } catch (error) {
    if (!(error instanceof KubernetesApiError)) throw error;
    const message = 'The credentials cannot be read: Kubernetes does not answer.';
    throw new UnavailableError(message, { cause: error });
  }
}

function decode(data: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString('utf8'),
    ]),
  );
}
