import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { ImageArchive } from '../../../dev/images/build-images.ts';
import { checkoutDirectory } from '../../../dev/paths.ts';
import type { Supervisor } from '../../../dev/processes/supervisor.ts';
import { writePodmanSettings } from './podman-settings.ts';

const project = 'quartermaster-compose-test';

/** What a compose file is started with. */
export interface ComposeOptions {
  supervisor: Supervisor;
  /** A folder that is the same in every run, so that the leftovers of a killed one are found. */
  directory: string;
  /** Variables of the compose file. */
  variables: Record<string, string>;
  /** Compose files that change ours. */
  overrides?: readonly string[];
}

/** The services of `docker-compose.yml`, really started, in a podman of their own. */
export class ComposeStack {
  readonly #options: ComposeOptions;
  readonly #settings: Record<string, string>;

  private constructor(options: ComposeOptions) {
    this.#options = options;
    this.#settings = writePodmanSettings(options.directory);
  }

  /** Makes room for it, and takes the images in; starts nothing. */
  static async prepare(
    options: ComposeOptions,
    images: readonly ImageArchive[],
  ): Promise<ComposeStack> {
    const stack = new ComposeStack(options);
    await stack.#removeContainers();
    for (const { archive } of images) await stack.#podman('load', '--quiet', '--input', archive);
    return stack;
  }

  /** What `docker compose up --detach` does, with images that are there. */
  async up(): Promise<void> {
    await this.#compose('up', '--detach', '--no-build');
  }

  /** Stops all services and starts them again, on the volumes that they had. */
  async restart(): Promise<void> {
    await this.#compose('down');
    await this.up();
  }

  /** Runs a program in a service; what it prints. */
  async exec(service: string, variables: readonly string[], program: string[]): Promise<string> {
    const environment = variables.flatMap((variable) => ['--env', variable]);
    return this.#compose('exec', '-T', ...environment, service, ...program);
  }

  /** What a service has printed. */
  async logs(service: string): Promise<string> {
    return this.#podman('logs', `${project}_${service}_1`);
  }

  /** Ends everything; nothing is left. */
  async remove(): Promise<void> {
    await this.#removeContainers();
    rmSync(this.#options.directory, { recursive: true, force: true });
  }

  async #removeContainers(): Promise<void> {
    if (!existsSync(path.join(this.#options.directory, 'images'))) return;
    await this.#podman('rm', '--all', '--force', '--time', '5', '--volumes');
    await this.#podman('volume', 'prune', '--force');
    await this.#podman('network', 'prune', '--force');
  }

  #compose(...args: string[]): Promise<string> {
    const ours = path.join(checkoutDirectory, 'docker-compose.yml');
    const files = [ours, ...(this.#options.overrides ?? [])].flatMap((file) => ['--file', file]);
    return this.#run('podman-compose', ['--project-name', project, ...files, ...args]);
  }

  #podman(...args: string[]): Promise<string> {
    return this.#run('podman', args);
  }

  #run(command: string, args: readonly string[]): Promise<string> {
    const { supervisor, variables } = this.#options;
    const env = { ...this.#settings, ...variables };
    return supervisor.run({ name: command, command, args, env, cwd: checkoutDirectory });
  }
}
