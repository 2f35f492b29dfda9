import type { KubeObject } from '../../lib/kube/objects.ts';

/** The part of a batch/v1 Job that is read or written here. */
export interface Job extends KubeObject {
  spec?: Record<string, unknown> | undefined;
  status?:
    | {
        active?: number | undefined;
        conditions?: { type: string; status: string; reason?: string; message?: string }[];
      }
    | undefined;
}

/** State of a container; one of the three is set. */
export interface ContainerState {
  waiting?: { reason?: string; message?: string } | undefined;
  running?: object | undefined;
  terminated?: { exitCode: number; signal?: number; reason?: string; message?: string } | undefined;
}

/** The part of a v1 Pod that is read here. */
export interface Pod extends KubeObject {
  status?:
    | {
        phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown' | undefined;
        reason?: string | undefined;
        message?: string | undefined;
        conditions?: { type: string; status: string; reason?: string; message?: string }[];
        containerStatuses?: { name: string; state?: ContainerState }[];
      }
    | undefined;
}
