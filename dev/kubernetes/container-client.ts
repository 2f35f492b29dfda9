import type { Supervisor } from '../processes/supervisor.ts';
import { nodePaths } from './node-paths.ts';

/** What we ask of containerd by its own command line client. */
export interface ContainerClient {
  isServing(): Promise<boolean>;
  listImages(): Promise<string[]>;
  /** Imports a docker or OCI archive; the names of its images. */
  importArchive(archive: string): Promise<string[]>;
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
