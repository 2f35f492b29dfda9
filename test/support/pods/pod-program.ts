import type { Pod } from '../../../operator/run/objects.ts';
import type { RunAccess } from '../../../operator/terraform/run-contract.ts';

/** How the container of a pod ended. */
export interface ContainerEnd {
  exitCode: number;
  /** As the kubelet has it, such as `OOMKilled`. */
  reason?: string;
}

/** The program of a pod's container, while it runs. */
export interface PodProgram {
  readonly exited: Promise<ContainerEnd>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** What the program of a pod gets. */
export interface PodTask {
  pod: Pod;
  /** The one file that is mounted. */
  access: RunAccess;
  /** Variables from the Secrets that the pod names. */
  environment: Record<string, string>;
}

/** Starts what runs in a pod. */
export type StartProgram = (task: PodTask) => PodProgram;

/** The part of a pod's spec that matters here. */
export interface PodSpec {
  nodeName?: string;
  terminationGracePeriodSeconds?: number;
  containers: {
    name: string;
    image: string;
    envFrom?: { secretRef?: { name: string } }[];
  }[];
  volumes?: { name: string; secret?: { secretName: string } }[];
}

/** The spec of a pod. */
export function podSpec(pod: Pod): PodSpec {
  return (pod as Pod & { spec: PodSpec }).spec;
}
