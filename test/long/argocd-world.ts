import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import type { World } from '../../dev/demo/world.ts';
import { checkoutDirectory, temporaryDataDirectory } from '../../dev/paths.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { Applications } from '../support/argocd/applications.ts';
import { GitServer, type GitRepository } from '../support/argocd/git-server.ts';
import { startArgocd } from '../support/argocd/start-argocd.ts';
import { startClusterWorld } from '../e2e/cluster-world.ts';

/** An embedded cluster, Argo CD, and a Git server with this checkout's chart. */
export interface ArgocdWorld {
  world: World;
  applications: Applications;
  git: GitServer;
  /** The repository of the platform, as a user has it: our files with the user's own values. */
  platform: GitRepository;
  stop(): Promise<void>;
}

/** What the Applications need of this repository; the chart has links to most of it. */
const sources = ['argocd', 'catalog', 'charts', 'crds', 'dev/kubernetes/manifests'];

const valuesFile = 'argocd/values/development.yaml';

/** Starts it all without data, and leaves none. */
export async function startArgocdWorld(): Promise<ArgocdWorld> {
  const cluster = await startClusterWorld();
  const { world, supervisor } = cluster;
  try {
    const inside = (name: string): string => path.join(temporaryDataDirectory(), name);
    const { kubeconfig } = world.stage;
    const git = await GitServer.start(supervisor, inside('git'));
    await startArgocd({ supervisor, kubeconfig, directory: inside('argocd') });
    const platform = await makePlatformRepository(git);
    const applications = new Applications(world.kube, world.signal);
    return { ...{ world, applications, git, platform }, stop: () => cluster.stop() };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function makePlatformRepository(git: GitServer): Promise<GitRepository> {
  const repository = await git.makeRepository('quartermaster');
  for (const source of sources) {
    const target = path.join(repository.directory, source);
    cpSync(path.join(checkoutDirectory, source), target, {
      ...{ recursive: true, verbatimSymlinks: true },
    });
  }
  await repository.commit({ [valuesFile]: stringify(ownValues()) });
  return repository;
}

/** The values for development with what a user puts in: an image, hosts, classes of one's own. */
function ownValues(): object {
  const values = readYaml(valuesFile) as { api: object };
  const trivial = readYaml('test/support/classes/trivial.yaml') as { spec: object };
  return {
    ...values,
    image: { repository: 'quartermaster', tag: 'dev' },
    // There is nothing in this cluster that serves an Ingress.
    api: { ...values.api, ingress: { enabled: false } },
    catalogue: { classes: { trivial: trivial.spec } },
  };
}

/**
 * A manifest below `argocd/`, with what a user puts in the place of our examples.
 *
 * @param file its path below `argocd/`
 * @param replacements what stands there → what is put there
 */
export function readManifest(
  file: string,
  replacements: Readonly<Record<string, string>>,
): KubeObject {
  const text = readFileSync(path.join(checkoutDirectory, 'argocd', file), 'utf8');
  const entries = Object.entries(replacements);
  return parse(
    entries.reduce((before, [from, to]) => before.replaceAll(from, to), text),
  ) as KubeObject;
}

function readYaml(file: string): unknown {
  return parse(readFileSync(path.join(checkoutDirectory, file), 'utf8'));
}
