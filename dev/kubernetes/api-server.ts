import type { RunningProcess } from '../processes/supervisor.ts';
import type { ControlPlaneOptions } from './control-plane-options.ts';
import { serviceNetwork } from './network-plan.ts';
import type { KeyPairFiles, PublicKeyInfrastructure } from './public-key-infrastructure.ts';

/** Starts the API server; it answers about 2.5 s later. */
export async function startApiServer(
  options: ControlPlaneOptions & { address: string; port: number },
  pki: PublicKeyInfrastructure,
  etcd: { url: string; client: KeyPairFiles },
): Promise<RunningProcess> {
  const isLoopback = options.address.startsWith('127.');
  const serving = await pki.issueFiles('kube-apiserver', {
    commonName: 'kube-apiserver',
    hosts: [
      ...new Set(['127.0.0.1', 'localhost', options.address, serviceNetwork.apiServer]),
      ...['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
      'kubernetes.default.svc.cluster.local',
    ],
  });
  const kubeletClient = await pki.issueFiles('kube-apiserver-kubelet', {
    commonName: 'kube-apiserver-kubelet-client',
    organization: 'system:masters',
  });
  const { signing, verifying } = pki.serviceAccountKeyFiles;
  return options.supervisor.start({
    name: 'kube-apiserver',
    command: options.programs['kube-apiserver'],
    graceMs: 3000,
    args: [
      `--bind-address=${options.address}`,
      `--advertise-address=${options.address}`,
      `--secure-port=${options.port}`,
      // On loopback there are no pods to reach it, and an endpoint there is not allowed.
      `--endpoint-reconciler-type=${isLoopback ? 'none' : 'lease'}`,
      `--etcd-servers=${etcd.url}`,
      `--etcd-cafile=${pki.authorityFile}`,
      `--etcd-certfile=${etcd.client.certificateFile}`,
      `--etcd-keyfile=${etcd.client.keyFile}`,
      `--client-ca-file=${pki.authorityFile}`,
      `--tls-cert-file=${serving.certificateFile}`,
      `--tls-private-key-file=${serving.keyFile}`,
      `--kubelet-client-certificate=${kubeletClient.certificateFile}`,
      `--kubelet-client-key=${kubeletClient.keyFile}`,
      `--kubelet-certificate-authority=${pki.authorityFile}`,
      // Else `kubectl logs` tries to resolve the name of the node.
      '--kubelet-preferred-address-types=InternalIP',
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-signing-key-file=${signing}`,
      `--service-account-key-file=${verifying}`,
      `--service-cluster-ip-range=${serviceNetwork.range}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--profiling=false',
    ],
  });
}
