import type { Supervisor } from '../processes/supervisor.ts';
import { nodePaths } from './node-paths.ts';

/** What we ask of containerd by its own command line client. */
export interface ContainerClient {
  isServing(): Promise<boolean>;
  listImages(): Promise<string[]>;
  /** Imports a docker or OCI archive; the names of its images. */
  importArchive(archive: string): Promise<string[]>;
  /** Ends and forgets all containers; their images stay. */
  removeAllContainers(): Promise<void>;
}

/** A client of our containerd, in the namespace that Kubernetes uses. */
export function containerClient(supervisor: Supervisor): ContainerClient {
  const ctr = (...args: string[]): Promise<string> => {
    const address = ['--address', nodePaths.containerdSocket, '--namespace', 'k8s.io'];
    return supervisor.run({ name: 'ctr', command: 'ctr', args: [...address, ...args] });
  };
  return {
    isServing: async () => (await ctr('version')).includes('Server'),
    listImages: async () => lines(await ctr('images', 'list', '--quiet')),
    importArchive: async (archive) => parseImported(await ctr('images', 'import', archive)),
    removeAllContainers: async () => {
      const tasks = lines(await ctr('tasks', 'list', '--quiet'));
      if (tasks.length > 0) await ctr('tasks', 'delete', '--force', ...tasks);
      const containers = lines(await ctr('containers', 'list', '--quiet'));
      if (containers.length > 0) await ctr('containers', 'delete', ...containers);
    },
  };
}

/**
 * @param output what `ctr images import` wrote: "unpacking NAME (sha256:…)...done" for each image
 * @returns the names
 */
export function parseImported(output: string): string[] {
  return [...output.matchAll(/^unpacking (\S+) \(/gm)].map((match) => match[1] ?? '');
}

function lines(output: string): string[] {
  return output.split('\n').filter((line) => line !== '');
}
