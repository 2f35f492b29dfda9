import { stringify } from 'yaml';
import type { KeyPair } from './certificates.ts';

/** How somebody proves who they are. */
export type KubeconfigUser = { readonly keyPair: KeyPair } | { readonly token: string };

/** Where a cluster is and what it is trusted by. */
export interface ClusterAddress {
  readonly server: string;
  /** PEM. */
  readonly authority: string;
}

/**
 * @param cluster where it is
 * @param user who uses it
 * @param namespace the default one of the context
 * @returns the text of a kubeconfig file with everything inside
 */
export function buildKubeconfig(
  cluster: ClusterAddress,
  user: KubeconfigUser,
  namespace = 'default',
): string {
  const name = 'quartermaster';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [
      {
        name,
        cluster: {
          server: cluster.server,
          'certificate-authority-data': toBase64(cluster.authority),
        },
      },
    ],
    users: [{ name, user: userEntry(user) }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
  });
}

function userEntry(user: KubeconfigUser): Record<string, string> {
  if ('token' in user) return { token: user.token };
  return {
    'client-certificate-data': toBase64(user.keyPair.certificate),
    'client-key-data': toBase64(user.keyPair.key),
  };
}

function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
