import { createRequire } from 'node:module';
import type * as Library from '@kubernetes/client-node';
import type { KubeConfig } from '@kubernetes/client-node';
import { ConfigurationError } from '../errors.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { readPodCluster } from './pod/config.ts';
import { PodAccount } from './pod/pod-account.ts';

/** Which cluster, as whom. */
export interface ClusterChoice {
  /** Path of a kubeconfig file. */
  kubeconfig?: string | undefined;
  /** A context of it, instead of its current one. */
  context?: string | undefined;
}

/**
 * The cluster to work with: that of a kubeconfig or context, or else of the pod.
 *
 * @throws {ConfigurationError} when there is none that can be used
 */
export function chooseCluster(choice: ClusterChoice): ClusterAccess {
  if (choice.kubeconfig !== undefined || choice.context !== undefined) {
    return loadKubeConfig(choice);
  }
  const pod = readPodCluster();
  if (pod) return new PodAccount(pod);
  throw new ConfigurationError(['not in a pod, and no kubeconfig was named']);
}

/**
 * Loads a kubeconfig: the file that is named; with a context only, the user's own.
 *
 * @throws {ConfigurationError} when it cannot be read or names no usable cluster
 */
export function loadKubeConfig(choice: ClusterChoice): KubeConfig {
  // Only here: it is large, and pods do without it.
  const library = createRequire(import.meta.url)('@kubernetes/client-node') as typeof Library;
  const config = new library.KubeConfig();
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
  else config.loadFromDefault();
}

function missingCluster(choice: ClusterChoice): string {
  if (choice.context !== undefined) return `the kubeconfig has no usable context ${choice.context}`;
  return 'the kubeconfig has no usable current context';
}
