import { KubeClient } from './client.ts';
import { KubeConnection } from './connection.ts';
import { chooseCluster, type ClusterChoice } from './kube-config.ts';

const CALL_TIMEOUT_MS = 10_000;
/** The API server itself takes 400 by default. */
const CALLS_IN_FLIGHT = 50;

/** Options of {@link createKubeClient}. */
export interface KubeClientOptions extends ClusterChoice {
  /** Most calls at once; 50 unless said otherwise. */
  maxInFlight?: number | undefined;
  /** What the API server's audit log shows, and the field manager of plain writes. */
  userAgent?: string | undefined;
  /** Per call other than lists; 10 s unless said otherwise. */
  timeoutMs?: number | undefined;
}

/**
 * A client for the cluster of a kubeconfig or context, or of the pod it runs in.
 *
 * @throws {ConfigurationError} when there is no usable cluster
 */
export function createKubeClient(options: KubeClientOptions = {}): KubeClient {
  return new KubeClient(new KubeConnection(chooseCluster(options)), {
    maxInFlight: options.maxInFlight ?? CALLS_IN_FLIGHT,
    userAgent: options.userAgent ?? 'quartermaster',
    timeoutMs: options.timeoutMs ?? CALL_TIMEOUT_MS,
  });
}
