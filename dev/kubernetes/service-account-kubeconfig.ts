import { readFileSync } from 'node:fs';
import { CoreV1Api } from '@kubernetes/client-node';
import { PlatformError } from '../errors.ts';
import { writeFileAtomically } from '../processes/write-file.ts';
import type { ApplyTarget } from './apply-manifests.ts';
import { loadKubeConfig } from './apply-manifests.ts';
import { buildKubeconfig } from './kubeconfig.ts';

const thirtyDays = 30 * 24 * 3600;

/**
 * Asks for a token of a service account (valid for thirty days; each start asks anew) and writes a
 * kubeconfig with it, so that a process outside the cluster has just the rights of that account.
 *
 * @param target a cluster, as somebody who may make tokens
 * @param account which account
 * @param file where the kubeconfig goes (mode 0600)
 */
export async function writeServiceAccountKubeconfig(
  target: string | ApplyTarget,
  account: { readonly namespace: string; readonly serviceAccount: string },
  file: string,
): Promise<void> {
  const config = loadKubeConfig(target);
  const answer = await config.makeApiClient(CoreV1Api).createNamespacedServiceAccountToken({
    namespace: account.namespace,
    name: account.serviceAccount,
    body: { spec: { audiences: [], expirationSeconds: thirtyDays } },
  });
  const token = answer.status?.token;
  const cluster = config.getCurrentCluster();
  if (!token || !cluster) {
    throw new PlatformError(`the cluster gave no token for ${account.serviceAccount}`);
  }
  const authority = cluster.caData
    ? Buffer.from(cluster.caData, 'base64').toString('utf8')
    : readFileSync(cluster.caFile ?? '', 'utf8');
  const address = { server: cluster.server, authority };
  writeFileAtomically(file, buildKubeconfig(address, { token }, account.namespace));
}
