import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { imagePaths } from '../images/image-paths.ts';
import { machineRunDirectory, machineStateDirectory } from '../paths.ts';
import { killGroup } from '../processes/kill.ts';
import { listProcessIds } from '../processes/leftovers.ts';
import { readLockHolder } from '../processes/file-lock.ts';
import { identifyProcess, isAlive } from '../processes/process-identity.ts';
import { listGroupProcesses, removePodGroup } from './cgroups.ts';
import { nodeBridge, packetTable } from './network-plan.ts';
import { nodePaths } from './node-paths.ts';

/**
 * Takes away what the node made outside its own processes: containers and their shims, mounts,
 * network namespaces (with them the pods' links), the bridge, packet rules, groups. Everything is
 * found by names and paths of ours, so it works after a crash as well. Our processes must have ended.
 */
export async function removeNodeLeftovers(): Promise<void> {
  await killContainers();
  unmountAll();
  tryToRun('ip', ['link', 'delete', nodeBridge]);
  for (const table of [packetTable, 'kube-proxy']) {
    tryToRun('nft', ['delete', 'table', 'ip', table]);
  }
  tryToRun('nft', ['delete', 'table', 'ip6', 'kube-proxy']);
  removePodGroup();
  removeLogLinks();
  removeShimSockets();
  removeKubeletDirectory();
  for (const name of listDirectory(machineRunDirectory).filter(
    (entry) => !entry.startsWith('platform'),
  )) {
    rmSync(path.join(machineRunDirectory, name), { recursive: true, force: true });
  }
}

/** Containers first, else their shims would report them; again until none is left. */
async function killContainers(): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const pids = [...listGroupProcesses(), ...listShims()];
    if (pids.length === 0) return;
    await Promise.all(pids.map(killOne));
    await sleep(25);
  }
}

async function killOne(pid: number): Promise<void> {
  const identity = identifyProcess(pid);
  if (identity) await killGroup(identity, 0);
}

/** The shims of our containerd name its socket on their command line. */
function listShims(): number[] {
  return listProcessIds().filter((pid) => {
    const words = readCommandLine(pid);
    return (
      path.basename(words[0] ?? '').startsWith('containerd-shim') &&
      words.includes(nodePaths.containerdSocket)
    );
  });
}

function readCommandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Everything mounted below our folders, the innermost first; image builds leave mounts as well. */
function unmountAll(): void {
  const roots = [machineRunDirectory, machineStateDirectory];
  if (!isBuildingElsewhere()) roots.push(imagePaths.storage);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  for (const target of selectMounts(mounts, roots)) tryToRun('umount', ['--lazy', target]);
}

/** Whether another process builds images in the same cache just now. */
function isBuildingElsewhere(): boolean {
  const holder = readLockHolder(imagePaths.lock);
  return holder !== null && holder.pid !== process.pid && isAlive(holder);
}

/**
 * @param mountInfo the text of /proc/self/mountinfo
 * @param roots folders
 * @returns the mount points at and below them, last mounted first
 */
export function selectMounts(mountInfo: string, roots: readonly string[]): string[] {
  return mountInfo
    .split('\n')
    .map((line) => decodeMountPath(line.split(' ')[4] ?? ''))
    .filter((target) => roots.some((root) => target === root || target.startsWith(`${root}/`)))
    .reverse();
}

function decodeMountPath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** The kubelet links the logs of containers from a folder that cannot be configured. */
function removeLogLinks(): void {
  const directory = '/var/log/containers';
  for (const name of listDirectory(directory)) {
    const file = path.join(directory, name);
    if (isLinkInto(file, nodePaths.podLogs)) rmSync(file, { force: true });
  }
  try {
    rmdirSync(directory);
  } catch {
    // Somebody else's logs are in it, or there is none.
  }
}

/** The kubelet makes one folder that cannot be configured; more than that is another kubelet's. */
function removeKubeletDirectory(): void {
  const directory = '/var/lib/kubelet';
  const isOurs = listDirectory(directory).every((name) => name === 'device-plugins');
  if (isOurs) rmSync(directory, { recursive: true, force: true });
}

/** Shims put their sockets into a folder that cannot be configured, and note them in ours. */
function removeShimSockets(): void {
  const bundles = path.join(nodePaths.containerdState, 'io.containerd.runtime.v2.task', 'k8s.io');
  for (const bundle of listDirectory(bundles)) {
    const socket = readAddress(path.join(bundles, bundle, 'address'));
    if (socket) rmSync(socket, { force: true });
  }
}

function readAddress(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
      .trim()
      .replace(/^unix:\/\//, '');
  } catch {
    return null;
  }
}

function isLinkInto(file: string, directory: string): boolean {
  return lstatSync(file).isSymbolicLink() && readlinkSync(file).startsWith(`${directory}/`);
}

function listDirectory(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** What is not there need not be removed. */
function tryToRun(command: string, args: readonly string[]): void {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
  } catch {
    // Not there.
  }
}
