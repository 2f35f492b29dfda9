import type { ProgramPaths } from '../binaries/build-binaries.ts';
import type { Supervisor } from '../processes/supervisor.ts';
import type { ClusterAddress } from './kubeconfig.ts';
import type { PublicKeyInfrastructure } from './public-key-infrastructure.ts';

/** What a control plane is started with. */
export interface ControlPlaneOptions {
  readonly supervisor: Supervisor;
  readonly programs: ProgramPaths;
  /** Where its data and certificates live. */
  readonly directory: string;
  /** Where the API server listens. A loopback address means: nobody but this machine, no nodes. */
  readonly address?: string;
  readonly port?: number;
  /** Starts the controller manager too: garbage collection, namespace deletion, Jobs. */
  readonly controllers?: boolean;
}

/** A running API server with its store. */
export interface ControlPlane {
  readonly cluster: ClusterAddress;
  readonly pki: PublicKeyInfrastructure;
  /** Path of a kubeconfig with all rights. */
  readonly kubeconfig: string;
  /** Writes a kubeconfig for a subject with a certificate; its path. */
  writeKubeconfig(name: string, commonName: string, organization?: string): Promise<string>;
}
