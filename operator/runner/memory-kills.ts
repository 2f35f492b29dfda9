import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Where a hierarchy is mounted, and the file in which the kernel counts. */
interface Counter {
  /** Its line in /proc/self/cgroup, up to our path in it. */
  line: RegExp;
  root: string;
  file: string;
}

const COUNTERS: readonly Counter[] = [
  { line: /^0::(.*)$/m, root: '/sys/fs/cgroup', file: 'memory.events' },
  { line: /^\d+:memory:(.*)$/m, root: '/sys/fs/cgroup/memory', file: 'memory.oom_control' },
];

/**
 * How many processes of this container the kernel has killed so far for want of memory; 0 where that
 * cannot be known.
 */
export async function countMemoryKills(): Promise<number> {
  const own = await readText('/proc/self/cgroup');
  for (const { line, root, file } of COUNTERS) {
    // The path is the host's where a container has no view of its own; its mount begins with it then.
    const folders = [path.join(root, line.exec(own)?.[1] ?? '/'), root];
    for (const folder of folders) {
      const count = /^oom_kill (\d+)$/m.exec(await readText(path.join(folder, file)))?.[1];
      if (count !== undefined) return Number(count);
    }
  }
  return 0;
}

function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}
