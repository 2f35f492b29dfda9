import type { ControlPlane, ControlPlaneOptions } from './control-plane-options.ts';

/** Starts the controllers: Jobs, garbage collection, namespaces, service accounts, volumes. */
export async function startControllerManager(
  options: ControlPlaneOptions,
  controlPlane: ControlPlane,
): Promise<void> {
  const { pki } = controlPlane;
  const kubeconfig = await controlPlane.writeKubeconfig(
    'kube-controller-manager',
    'system:kube-controller-manager',
  );
  options.supervisor.start({
    name: 'kube-controller-manager',
    command: options.programs['kube-controller-manager'],
    graceMs: 2000,
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--service-account-private-key-file=${pki.serviceAccountKeyFiles.signing}`,
      `--root-ca-file=${pki.authorityFile}`,
      `--cluster-signing-cert-file=${pki.authorityFile}`,
      `--cluster-signing-key-file=${pki.authorityKeyFile}`,
      '--use-service-account-credentials',
      '--leader-elect=false',
      '--secure-port=0',
      '--kube-api-qps=200',
      '--kube-api-burst=400',
      '--concurrent-job-syncs=20',
      '--profiling=false',
    ],
  });
}
