import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { execa } from 'execa';
import { checkoutDirectory } from '../../../dev/paths.ts';

/** Where an installation of Argo CD lives. */
export const ARGOCD_NAMESPACE = 'argocd';

/**
 * Puts Argo CD's kinds and configuration into a cluster, as its installation does, and then our
 * health scripts by the command of `argocd/README.md`.
 *
 * @param program path of kubectl
 * @param kubeconfig a file of Argo CD's own, which is turned to its namespace
 * @param manifests the folder `manifests` of Argo CD's module
 */
export async function configureArgocd(
  program: string,
  kubeconfig: string,
  manifests: string,
): Promise<void> {
  const kubectl = async (...args: string[]): Promise<void> => {
    await execa(program, args, { env: { KUBECONFIG: kubeconfig }, timeout: 60_000 });
  };
  const inside = ['--namespace', ARGOCD_NAMESPACE];
  await kubectl('config', 'set-context', '--current', ...inside);
  await kubectl('create', 'namespace', ARGOCD_NAMESPACE);
  for (const folder of ['crds', 'base/config']) {
    await kubectl('apply', '--server-side', ...inside, '--kustomize', path.join(manifests, folder));
  }
  await kubectl('wait', '--for=condition=Established', 'crd/applications.argoproj.io');
  const secret = { stringData: { 'server.secretkey': randomBytes(32).toString('base64') } };
  await kubectl('patch', 'secret', 'argocd-secret', ...inside, '--patch', JSON.stringify(secret));
  const patch = path.join(checkoutDirectory, 'argocd', 'argocd-cm.yaml');
  await kubectl('patch', 'configmap', 'argocd-cm', ...inside, '--patch-file', patch);
}
