import { readFile } from 'node:fs/promises';

/** Where the kernel counts the processes of this container that it killed for want of memory. */
const COUNTERS = ['/sys/fs/cgroup/memory.events', '/sys/fs/cgroup/memory/memory.oom_control'];

/** How many there were so far; 0 where that cannot be known. */
export async function countMemoryKills(): Promise<number> {
  for (const file of COUNTERS) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const count = /^oom_kill (\d+)$/m.exec(text)?.[1];
    if (count !== undefined) return Number(count);
  }
  return 0;
}
