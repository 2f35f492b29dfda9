import { ConfigurationError } from '../../lib/errors.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { FileKeyStore } from './file-key-store.ts';
import type { KeyStore } from './key-store.ts';
import { SecretKeyStore } from './secret-key-store.ts';

/**
 * Where the keys are kept: in files where a folder is named, else in a Secret.
 *
 * @throws {ConfigurationError} without either
 */
export function openKeyStore(
  config: { KEYS_DIRECTORY?: string | undefined; SYSTEM_NAMESPACE: string },
  kube: KubeClient | undefined,
): KeyStore {
  if (config.KEYS_DIRECTORY !== undefined) return new FileKeyStore(config.KEYS_DIRECTORY);
  if (kube) return new SecretKeyStore(kube, config.SYSTEM_NAMESPACE);
  throw new ConfigurationError(['KEYS_DIRECTORY: needed where KUBERNETES is disabled']);
}
