import { KubeConfig } from '@kubernetes/client-node';
import { ConfigurationError } from '../errors.ts';

/** Which cluster, as whom. */
export interface ClusterChoice {
  /** Path of a kubeconfig file. */
  kubeconfig?: string | undefined;
  /** A context of it, instead of its current one. */
  context?: string | undefined;
}

/**
 * Loads the configuration of a cluster: the file that is named; with a context only, the user's
 * own kubeconfig; with neither, the service account of the pod.
 *
 * @throws {ConfigurationError} when it cannot be read or names no usable cluster
 */
export function loadKubeConfig(choice: ClusterChoice): KubeConfig {
  const config = new KubeConfig();
  try {
    loadInto(config, choice);
  } catch {
    // The parser's own error can quote the file, which holds keys.
    throw new ConfigurationError(['the kubeconfig cannot be read or parsed']);
  }
  if (choice.context !== undefined) config.setCurrentContext(choice.context);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined || !URL.canParse(server)) {
    throw new ConfigurationError([missingCluster(choice)]);
  }
  if (server.startsWith('http:') && !config.getCurrentCluster()?.skipTLSVerify) {
    throw new ConfigurationError([
      'the cluster has no TLS, and insecure-skip-tls-verify is not set',
    ]);
  }
  return config;
}

function loadInto(config: KubeConfig, choice: ClusterChoice): void {
  if (choice.kubeconfig !== undefined) config.loadFromFile(choice.kubeconfig);
  else if (choice.context !== undefined) config.loadFromDefault();
  else config.loadFromCluster();
}

function missingCluster(choice: ClusterChoice): string {
  if (choice.context !== undefined) return `the kubeconfig has no usable context ${choice.context}`;
  if (choice.kubeconfig !== undefined) return 'the kubeconfig has no usable current context';
  return 'not in a pod, and no kubeconfig was named';
}
