import { isIPv6 } from 'node:net';

/** The cluster of a pod, as the kubelet tells it to every container. */
export interface PodCluster {
  server: string;
  /** Where the account's token and the certificate of the cluster are mounted. */
  directory: string;
}

const directory = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Which API server the pod belongs to, that this process runs in.
 *
 * @param environment as the kubelet has set it
 * @returns undefined outside a pod
 */
export function readPodCluster(
  environment: Record<string, string | undefined> = process.env,
): PodCluster | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (!host || !port) return undefined;
  return { server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`, directory };
}
