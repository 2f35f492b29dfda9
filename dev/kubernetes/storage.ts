import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import type { ProgramPaths } from '../binaries/build-binaries.ts';
import type { Supervisor } from '../processes/supervisor.ts';
import { writeFileAtomically } from '../processes/write-file.ts';
import { applyManifests } from './apply-manifests.ts';
import type { ControlPlane } from './control-plane-options.ts';
import { writeServiceAccountKubeconfig } from './service-account-kubeconfig.ts';

const namespace = 'local-path-storage';
const serviceAccount = 'local-path-provisioner';

/** What the provisioner is started with. */
export interface StorageOptions {
  readonly supervisor: Supervisor;
  readonly programs: ProgramPaths;
  /** Where the volumes live. */
  readonly directory: string;
}

/**
 * Starts the provisioner of volumes and makes the default StorageClass `standard`. Its helper pods
 * run the image `busybox`.
 */
export async function startStorage(
  options: StorageOptions,
  controlPlane: ControlPlane,
): Promise<void> {
  mkdirSync(options.directory, { recursive: true, mode: 0o711 });
  const manifests = path.join(import.meta.dirname, 'manifests', 'storage.yaml');
  await applyManifests([manifests], controlPlane.kubeconfig);
  const kubeconfig = path.join(controlPlane.pki.directory, `${serviceAccount}.kubeconfig`);
  await writeServiceAccountKubeconfig(
    controlPlane.kubeconfig,
    { namespace, serviceAccount },
    kubeconfig,
  );
  const file = (name: string): string => path.join(controlPlane.pki.directory, name);
  const config = JSON.stringify(buildProvisionerConfig(options.directory));
  writeFileAtomically(file('local-path.json'), config);
  writeFileAtomically(file('helper-pod.yaml'), stringify(buildHelperPod()));
  options.supervisor.start({
    name: 'local-path-provisioner',
    command: options.programs['local-path-provisioner'],
    graceMs: 1000,
    args: [
      'start',
      `--kubeconfig=${kubeconfig}`,
      `--config=${file('local-path.json')}`,
      `--helper-pod-file=${file('helper-pod.yaml')}`,
      `--namespace=${namespace}`,
      '--configmap-name=local-path-config',
      `--service-account-name=${serviceAccount}`,
      '--helper-image=busybox',
      '--provisioner-name=rancher.io/local-path',
    ],
  });
}

function buildProvisionerConfig(directory: string): Record<string, unknown> {
  return { nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: [directory] }] };
}

function buildHelperPod(): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'helper-pod' },
    spec: {
      automountServiceAccountToken: false,
      containers: [{ name: 'helper-pod', image: 'busybox', imagePullPolicy: 'IfNotPresent' }],
    },
  };
}
