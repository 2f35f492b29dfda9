import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import path from 'node:path';
import type { Cluster } from '@kubernetes/client-node';
import type { ClusterAccess } from '../cluster-access.ts';
import type { PodCluster } from './config.ts';

/**
 * The service account of the pod that this process runs in. The library could tell the same, but
 * loading it takes most of a second, which each pod would spend before it does anything.
 */
export class PodAccount implements ClusterAccess {
  readonly #server: string;
  readonly #tokenFile: string;
  readonly #certificateFile: string;

  constructor({ server, directory }: PodCluster) {
    this.#server = server;
    this.#tokenFile = path.join(directory, 'token');
    this.#certificateFile = path.join(directory, 'ca.crt');
  }

  getCurrentCluster(): Cluster {
    return { name: 'pod', server: this.#server, skipTLSVerify: false };
  }

  /** Reads both files anew: the kubelet replaces them before they end. */
  async applyToHTTPSOptions(options: RequestOptions): Promise<void> {
    const [token, certificates] = await Promise.all([
      readFile(this.#tokenFile, 'utf8'),
      readFile(this.#certificateFile, 'utf8'),
    ]);
    options.ca = certificates;
    options.headers = { Authorization: `Bearer ${token.trim()}` };
  }
}
