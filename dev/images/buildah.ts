import { mkdirSync, writeFileSync } from 'node:fs';
import { PlatformError } from '../errors.ts';
import type { Supervisor } from '../processes/supervisor.ts';
import { imagePaths } from './image-paths.ts';

/** Naming it makes buildah set TARGETARCH, as docker buildx always does. */
const platform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;

/** One build. */
export interface BuildSpec {
  readonly tag: string;
  readonly file: string;
  readonly context: string;
  /** Folders of this machine that the build's commands see, read-only: path there → path here. */
  readonly volumes?: Readonly<Record<string, string>>;
  /** Files that single commands may read and that never get into the image, by id. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/**
 * buildah with a storage of its own and no daemon. `chroot` isolation works inside containers and
 * on any cgroup version; commands share the network of the machine.
 */
export class Buildah {
  readonly #supervisor: Supervisor;

  /** @param supervisor runs the program, and ends it when interrupted */
  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
    mkdirSync(imagePaths.storage, { recursive: true, mode: 0o700 });
    writeFileSync(imagePaths.registries, 'unqualified-search-registries = ["docker.io"]\n');
  }

  /** @returns whether the storage holds an image of that name */
  async has(name: string): Promise<boolean> {
    try {
      await this.#run('image-inspect', [
        'inspect',
        '--type',
        'image',
        '--format',
        '{{.FromImageID}}',
        name,
      ]);
      return true;
    } catch (error) {
      // An interruption is another error; this one is buildah's own "no such image".
      if (error instanceof PlatformError) return false;
      throw error;
    }
  }

  /** Builds an image; base images must be in the storage already. */
  async build(spec: BuildSpec): Promise<void> {
    const volumes = Object.entries(spec.volumes ?? {}).map(
      ([to, from]) => `--volume=${from}:${to}:ro`,
    );
    const secrets = Object.entries(spec.secrets ?? {}).map(
      ([id, file]) => `--secret=id=${id},src=${file}`,
    );
    const fixed = ['--pull=never', '--layers', '--format=docker', '--platform', platform];
    const names = ['--tag', spec.tag, '--file', spec.file];
    await this.#run('image-build', [
      'build',
      ...fixed,
      ...names,
      ...volumes,
      ...secrets,
      spec.context,
    ]);
  }

  /** Fetches an image from its registry. */
  async pull(name: string): Promise<void> {
    await this.#run('image-pull', ['pull', '--quiet', name]);
  }

  /** Gives an image one more name. */
  async tag(name: string, other: string): Promise<void> {
    await this.#run('image-tag', ['tag', name, other]);
  }

  /** Writes an image into a file that every container runtime can load. */
  async save(name: string, archive: string): Promise<void> {
    await this.#run('image-save', ['push', '--quiet', name, `docker-archive:${archive}:${name}`]);
  }

  /** Deletes layers that no named image uses any more. */
  async prune(): Promise<void> {
    await this.#run('image-prune', ['rmi', '--prune']);
  }

  async #run(name: string, args: readonly string[]): Promise<string> {
    const storage = ['--root', imagePaths.storage, '--runroot', `${imagePaths.storage}-run`];
    return this.#supervisor.run({
      name,
      command: 'buildah',
      args: [...storage, '--storage-driver', 'overlay', ...args],
      env: { BUILDAH_ISOLATION: 'chroot', CONTAINERS_REGISTRIES_CONF: imagePaths.registries },
      graceMs: 5000,
    });
  }
}
