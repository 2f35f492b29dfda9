import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

const mountPoint = '/sys/fs/cgroup';

/** The group above all pods, named after us so that it can be found again. */
export const podGroup = 'quartermaster';

/** The folders of our group: one per hierarchy with cgroup v1, a single one with v2. */
export function listGroupDirectories(): string[] {
  if (isVersion2()) return [path.join(mountPoint, podGroup)];
  return readdirSync(mountPoint, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(mountPoint, entry.name, podGroup));
}

/** Makes the group, which the kubelet expects to exist. */
export function createPodGroup(): void {
  if (isVersion2()) {
    const available = readFileSync(path.join(mountPoint, 'cgroup.controllers'), 'utf8').trim();
    const wanted = available.split(' ').map((controller) => `+${controller}`);
    enableControllers(mountPoint, wanted);
    mkdirSync(path.join(mountPoint, podGroup), { recursive: true });
    enableControllers(path.join(mountPoint, podGroup), wanted);
    return;
  }
  for (const directory of listGroupDirectories()) {
    mkdirSync(directory, { recursive: true });
    inheritProcessorSet(directory);
  }
}

/** Ids of all processes in our group and the groups below it: containers, and nothing else. */
export function listGroupProcesses(): number[] {
  const found = new Set<number>();
  for (const directory of listGroupDirectories().flatMap(listTree)) {
    for (const pid of readLines(path.join(directory, 'cgroup.procs'))) found.add(Number(pid));
  }
  return [...found];
}

/** Deletes our group and the groups below it; those that still have processes stay. */
export function removePodGroup(): void {
  for (const directory of listGroupDirectories().flatMap(listTree).reverse()) {
    try {
      rmdirSync(directory);
    } catch {
      // Busy or gone: the caller looks again.
    }
  }
}

function isVersion2(): boolean {
  return existsSync(path.join(mountPoint, 'cgroup.controllers'));
}

/** A folder and all below it, parents first. */
function listTree(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const children = readdirSync(directory, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return [directory, ...children.flatMap((entry) => listTree(path.join(directory, entry.name)))];
}

/** One by one: a controller that may not be passed on must not keep the others back. */
function enableControllers(directory: string, wanted: readonly string[]): void {
  for (const controller of wanted) {
    try {
      writeFileSync(path.join(directory, 'cgroup.subtree_control'), controller);
    } catch {
      // The kubelet names the controllers that it really misses.
    }
  }
}

/** With cgroup v1 a new group has no processors and takes no processes until it is given some. */
function inheritProcessorSet(directory: string): void {
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    const file = path.join(directory, name);
    if (!existsSync(file)) continue;
    writeFileSync(file, readFileSync(path.join(path.dirname(directory), name), 'utf8').trim());
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}
