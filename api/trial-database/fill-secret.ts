import { randomBytes } from 'node:crypto';
import type { KubeClient } from '../../lib/kube/client.ts';
import { ConflictError } from '../../lib/kube/errors.ts';
import type { ObjectKey, Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { ConfigurationError } from '../../lib/errors.ts';
import { readLogins, writeLogins, type LoginPlace, type Logins } from './logins.ts';

/**
 * The logins that the Secret holds, made where it is empty. Two that fill it at once agree: the
 * first wins.
 *
 * @throws {ConfigurationError} when the Secret is not there, or holds something else
 * @throws {KubernetesApiError}
 */
export async function fillSecret(
  client: KubeClient,
  key: ObjectKey,
  place: LoginPlace,
): Promise<Logins> {
  const secret = await client.get<Secret>(RESOURCE_TYPES.secrets, key);
  if (!secret) throw new ConfigurationError([`DATABASE_SECRET: there is no Secret ${key.name}`]);
  const known = readLogins(decode(secret), place);
  if (known) return known;
  if (Object.keys(secret.data ?? {}).length > 0) {
    throw new ConfigurationError([`DATABASE_SECRET: ${key.name} holds something else`]);
  }
  try {
    const text = writeLogins(newPasswords(), place);
    await client.replace<Secret>(RESOURCE_TYPES.secrets, { ...secret, data: encode(text) });
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
  return fillSecret(client, key, place);
}

function newPasswords(): Parameters<typeof writeLogins>[0] {
  const make = (): string => randomBytes(24).toString('base64url');
  return { administrator: make(), owner: make(), app: make(), system: make() };
}

function decode({ data = {} }: Secret): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      Buffer.from(value, 'base64').toString('utf8'),
    ]),
  );
}

function encode(text: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(text).map(([key, value]) => [
      key,
      Buffer.from(value, 'utf8').toString('base64'),
    ]),
  );
}
