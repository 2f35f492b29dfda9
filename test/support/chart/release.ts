import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { chartDirectory, helmMajors, SYSTEM_NAMESPACE, type HelmMajor } from './helm.ts';
import { findPrograms } from '../find-programs.ts';

/** What a release is installed or upgraded with. */
export interface ReleaseOptions {
  /** A file under `ci/`. */
  values: string;
  /** `key=value`, as `--set` takes it. */
  set?: readonly string[];
  /** Folder of the chart; ours unless said otherwise. */
  chart?: string;
}

/** A release of the chart on a real cluster, by the real Helm. */
export class Release {
  readonly #program: string;
  readonly #kubeconfig: string;
  readonly #home = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-helm-'));

  private constructor(program: string, kubeconfig: string) {
    this.#program = program;
    this.#kubeconfig = kubeconfig;
  }

  /** Builds Helm if it is not in the cache; installs nothing. */
  static async open(kubeconfig: string, major: HelmMajor = 'Helm 4'): Promise<Release> {
    const name = helmMajors[major];
    return new Release((await findPrograms([name]))[name], kubeconfig);
  }

  /** Installs, and waits until every pod is ready and every hook has ended. */
  async install(options: ReleaseOptions): Promise<string> {
    return this.#run(['install', '--create-namespace', ...chartArguments(options)]);
  }

  /** Upgrades, and waits as long as an install does. */
  async upgrade(options: ReleaseOptions): Promise<string> {
    return this.#run(['upgrade', ...chartArguments(options)]);
  }

  /** Runs the tests of the chart; what they print. */
  async test(): Promise<string> {
    return this.#run(['test', 'quartermaster', '--logs', '--timeout', '2m']);
  }

  async uninstall(): Promise<string> {
    return this.#run(['uninstall', 'quartermaster', '--wait', '--timeout', '3m']);
  }

  /** Deletes its folders; the release stays. */
  close(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** @throws {Error} with Helm's own words */
  async #run(args: readonly string[]): Promise<string> {
    const homes = ['HELM_CACHE_HOME', 'HELM_CONFIG_HOME', 'HELM_DATA_HOME'];
    const env = {
      ...Object.fromEntries(homes.map((name) => [name, this.#home])),
      KUBECONFIG: this.#kubeconfig,
    };
    const all = [...args, '--namespace', SYSTEM_NAMESPACE];
    const { stdout } = await execa(this.#program, all, { env, timeout: 8 * 60_000 });
    return stdout;
  }
}

function chartArguments({ values, set = [], chart = chartDirectory }: ReleaseOptions): string[] {
  return [
    ...['quartermaster', chart, '--wait', '--timeout', '6m'],
    ...['--values', path.join(chart, 'ci', values)],
    ...set.flatMap((assignment) => ['--set', assignment]),
  ];
}
