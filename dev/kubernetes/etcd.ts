import path from 'node:path';
import { findFreePort } from '../processes/free-port.ts';
import type { ControlPlaneOptions } from './control-plane-options.ts';
import type { KeyPairFiles, PublicKeyInfrastructure } from './public-key-infrastructure.ts';

/** Starts the store on loopback, open only to holders of a certificate. */
export async function startEtcd(
  options: ControlPlaneOptions,
  pki: PublicKeyInfrastructure,
): Promise<{ url: string; client: KeyPairFiles }> {
  const [port, peerPort] = [await findFreePort(), await findFreePort()];
  const hosts = ['127.0.0.1', 'localhost'];
  const [server, client] = await Promise.all([
    pki.issueFiles('etcd', { commonName: 'etcd', hosts }),
    pki.issueFiles('etcd-client', { commonName: 'kube-apiserver' }),
  ]);
  const url = `https://127.0.0.1:${port}`;
  const peerUrl = `http://127.0.0.1:${peerPort}`;
  options.supervisor.start({
    name: 'etcd',
    command: options.programs.etcd,
    args: [
      `--data-dir=${path.join(options.directory, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      `--cert-file=${server.certificateFile}`,
      `--key-file=${server.keyFile}`,
      '--client-cert-auth',
      `--trusted-ca-file=${pki.authorityFile}`,
      // The data is worth a process crash, not a power failure; it makes every write faster.
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
  });
  return { url, client };
}
