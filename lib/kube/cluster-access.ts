import type { KubeConfig } from '@kubernetes/client-node';

/** Where a cluster is, and as whom to call it. */
export type ClusterAccess = Pick<KubeConfig, 'getCurrentCluster' | 'applyToHTTPSOptions'>;
