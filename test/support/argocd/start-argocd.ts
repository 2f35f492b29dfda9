import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { ensureBinaries, keptFolder } from '../../../dev/binaries/build-binaries.ts';
import { findFreePort } from '../../../dev/processes/free-port.ts';
import { sayOnTerminal } from '../../../dev/processes/say.ts';
import type { RunningProcess, Supervisor } from '../../../dev/processes/supervisor.ts';
import { waitFor } from '../../../dev/processes/wait-for.ts';
import { argocdPackages, ensureSystemPackages } from '../../../dev/system-packages.ts';
import { configureArgocd } from './configure-argocd.ts';
import { canConnect } from './can-connect.ts';

/** What Argo CD is started with. */
export interface ArgocdOptions {
  supervisor: Supervisor;
  /** Of the cluster that it lives in and works on, as an administrator. */
  kubeconfig: string;
  /** An empty folder for its files. */
  directory: string;
}

interface Place extends ArgocdOptions {
  /** The one program that is each part of Argo CD. */
  program: string;
  environment: Record<string, string>;
}

/**
 * Starts Argo CD's own programs on this machine, as its pods would run: Redis, the server of
 * repositories and the controller of Applications, with the configuration that an installation
 * brings and the health scripts that our `argocd/README.md` tells to add. What is missing is
 * installed or built, once.
 */
export async function startArgocd(options: ArgocdOptions): Promise<void> {
  const { supervisor, directory } = options;
  await ensureSystemPackages(supervisor, sayOnTerminal, argocdPackages);
  const programs = await ensureBinaries(['argocd', 'helm3'], supervisor, sayOnTerminal);
  mkdirSync(directory, { recursive: true });
  const kubeconfig = path.join(directory, 'kubeconfig');
  copyFileSync(options.kubeconfig, kubeconfig);
  await configureArgocd(programs.kubectl, kubeconfig, keptFolder('argocd', 'manifests'));
  const environment = prepareEnvironment({ ...options, kubeconfig }, programs.helm3);
  const place = { ...options, program: programs.argocd, environment };
  const redis = await startRedis(place);
  const repositories = await startRepositoryServer(place, redis);
  await startController(place, redis, repositories);
}

/** Argo CD calls `helm` and `git` by their names; its images bring Helm 3. */
function prepareEnvironment(options: ArgocdOptions, helm: string): Record<string, string> {
  const inside = (name: string): string => path.join(options.directory, name);
  for (const name of ['bin', 'tmp', 'tls', 'ssh']) mkdirSync(inside(name));
  symlinkSync(helm, path.join(inside('bin'), 'helm'));
  copyFileSync('/dev/null', path.join(inside('ssh'), 'ssh_known_hosts'));
  return {
    PATH: `${inside('bin')}:${process.env['PATH'] ?? ''}`,
    HOME: options.directory,
    TMPDIR: inside('tmp'),
    KUBECONFIG: options.kubeconfig,
    ARGOCD_FAKE_IN_CLUSTER: 'true',
    ARGOCD_GPG_ENABLED: 'false',
    ARGOCD_TLS_DATA_PATH: inside('tls'),
    ARGOCD_SSH_DATA_PATH: inside('ssh'),
  };
}

async function startRedis({ supervisor, directory }: Place): Promise<string> {
  const port = await findFreePort();
  // The package redis-server would start a service of the machine at once; this is its program.
  const program = path.join(directory, 'bin', 'redis-server');
  symlinkSync('/usr/bin/redis-check-rdb', program);
  const running = supervisor.start({
    name: 'argocd-redis',
    command: program,
    args: ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'],
    cwd: directory,
  });
  return waitForPort(running, supervisor, port);
}

async function startRepositoryServer(place: Place, redis: string): Promise<string> {
  const [port, metricsPort] = await Promise.all([findFreePort(), findFreePort()]);
  const running = startPart(place, 'argocd-repo-server', [
    ...['--redis', redis, '--disable-tls', '--address', '127.0.0.1', '--port', String(port)],
    ...['--metrics-address', '127.0.0.1', '--metrics-port', String(metricsPort)],
  ]);
  return waitForPort(running, place.supervisor, port);
}

async function startController(place: Place, redis: string, repositories: string): Promise<void> {
  const metricsPort = await findFreePort();
  const running = startPart(place, 'argocd-application-controller', [
    ...['--redis', redis, '--repo-server', repositories, '--repo-server-plaintext'],
    // So that a test can read the health of each resource where it reads that of the Application.
    ...['--persist-resource-health', '--metrics-port', String(metricsPort)],
    ...['--app-resync', '20', '--app-resync-jitter', '0'],
  ]);
  await waitForPort(running, place.supervisor, metricsPort);
}

function startPart(place: Place, name: string, args: readonly string[]): RunningProcess {
  const { supervisor, program, environment } = place;
  const env = { ...environment, ARGOCD_BINARY_NAME: name };
  return supervisor.start({ name, command: program, args, env });
}

/** @returns the address that is listened on now */
async function waitForPort(
  running: RunningProcess,
  { signal }: Supervisor,
  port: number,
): Promise<string> {
  const what = `${running.name} to listen`;
  await waitFor(() => canConnect(port), { what, process: running, signal });
  return `127.0.0.1:${port}`;
}
