import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { parseManifests } from '../../../dev/kubernetes/apply-manifests.ts';
import { checkoutDirectory } from '../../../dev/paths.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { findPrograms } from '../find-programs.ts';

/** Folder of the chart. */
export const chartDirectory = path.join(checkoutDirectory, 'charts', 'quartermaster');

/** Namespace that a release is rendered for unless said otherwise. */
export const SYSTEM_NAMESPACE = 'quartermaster-system';

/** The values files under `ci/`, by their names. */
export const valuesFiles: readonly string[] = readdirSync(path.join(chartDirectory, 'ci')).sort();

/** An object as the chart renders it. */
export interface RenderedObject extends KubeObject {
  data?: Record<string, string>;
  rules?: Rule[];
  spec?: Record<string, unknown>;
}

/** A rule of a role. */
export interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

/** What a render is made with. */
export interface RenderOptions {
  /** A file under `ci/`, or anywhere by its full path. */
  values?: string;
  /** `key=value`, as `--set` takes it. */
  set?: readonly string[];
  namespace?: string;
}

/** The two that people use; the chart has to work with both. */
export const helmMajors = { 'Helm 4': 'helm', 'Helm 3': 'helm3' } as const;

/** Name of a Helm. */
export type HelmMajor = keyof typeof helmMajors;

/** The real Helm, with folders of its own. */
export class Helm {
  readonly #program: string;
  readonly #home = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-helm-'));

  private constructor(program: string) {
    this.#program = program;
  }

  /** Builds Helm if it is not in the cache. */
  static async open(major: HelmMajor): Promise<Helm> {
    const name = helmMajors[major];
    return new Helm((await findPrograms([name]))[name]);
  }

  /** @throws {Error} with Helm's own words, where it finds a fault */
  async lint(options: RenderOptions = {}): Promise<string> {
    return this.#run(['lint', '--strict', chartDirectory, ...buildFlags(options)]);
  }

  /** What the chart renders, as text. @throws {Error} with Helm's own words */
  async template(options: RenderOptions = {}): Promise<string> {
    return this.#run(['template', 'quartermaster', chartDirectory, ...buildFlags(options)]);
  }

  /** What the chart renders, as objects. */
  async render(options: RenderOptions = {}): Promise<RenderedObject[]> {
    return parseManifests(await this.template(options));
  }

  /** Deletes its folders. */
  close(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #run(args: readonly string[]): Promise<string> {
    const homes = ['HELM_CACHE_HOME', 'HELM_CONFIG_HOME', 'HELM_DATA_HOME'];
    const { stdout } = await execa(this.#program, args, {
      env: Object.fromEntries(homes.map((name) => [name, this.#home])),
      timeout: 60_000,
    });
    return stdout;
  }
}

function buildFlags({ values, set = [], namespace = SYSTEM_NAMESPACE }: RenderOptions): string[] {
  return [
    ...['--namespace', namespace, '--kube-version', '1.35.4'],
    ...(values === undefined ? [] : ['--values', path.resolve(chartDirectory, 'ci', values)]),
    ...set.flatMap((assignment) => ['--set', assignment]),
  ];
}

/**
 * Gives a suite the real Helm, which is built where it is not in the cache (about 2 min). Call it
 * inside `describe`; use the result inside hooks and tests.
 */
export function useHelm(major: HelmMajor = 'Helm 4'): () => Helm {
  let helm: Helm | undefined;
  before('find Helm', async function () {
    this.timeout(15 * 60_000);
    helm = await Helm.open(major);
  });
  after('forget Helm', () => helm?.close());
  return () => {
    if (!helm) throw new Error('Helm can be used inside hooks and tests only');
    return helm;
  };
}
