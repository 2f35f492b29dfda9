import { copyFileSync, cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { ProgramPaths } from '../binaries/build-binaries.ts';
import { checkoutDirectory } from '../paths.ts';
import type { BaseImageTools } from './base-images.ts';
import { ensureBaseImage, fingerprintStandIn } from './base-images.ts';
import { computeFingerprint } from './fingerprint.ts';
import { prepareNpmAccess } from './npm-access.ts';
import type { StandInSources } from './stand-ins.ts';
import { nodeStandIn, openTofuStandIn } from './stand-ins.ts';

/** The image of the local platform: the product and the modules of the tests. */
export const developmentImage = 'docker.io/library/quartermaster:dev';

const productImage = 'localhost/quartermaster/product:latest';

const productSources = [
  'Dockerfile',
  '.dockerignore',
  '.npmrc',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'api',
  'bin',
  'catalog',
  'crds',
  'lib',
  'migrations',
  'operator',
];

const testModules = path.join(checkoutDirectory, 'test/support/modules');
const developmentRecipe = path.join(import.meta.dirname, 'development');

/** Where OpenTofu looks for providers before it asks a registry, by its own rules. */
const providersInBuild = '/usr/local/share/terraform/plugins';

/** @returns a text that changes when another image would come out */
export function fingerprintDevelopmentImage(sources: StandInSources): string {
  const files = productSources.map((name) => path.join(checkoutDirectory, name));
  return computeFingerprint({
    sources: [...files, testModules, developmentRecipe],
    programs: [sources.programs['terraform-provider-kubectl']],
    texts: [nodeStandIn, openTofuStandIn].map((image) => fingerprintStandIn(image, sources)),
  });
}

/**
 * Builds the product image from the Dockerfile that everybody uses, and on top of it the image of
 * the local platform.
 *
 * @param tools what it takes
 */
export async function buildDevelopmentImage(tools: BaseImageTools): Promise<void> {
  await ensureBaseImage(nodeStandIn, tools);
  await ensureBaseImage(openTofuStandIn, tools);
  const { buildah, draft, programs, supervisor } = tools;
  await buildah.build({
    tag: productImage,
    file: path.join(checkoutDirectory, 'Dockerfile'),
    context: checkoutDirectory,
    secrets: await prepareNpmAccess(supervisor, draft),
    volumes: { [providersInBuild]: prepareProviders(path.join(draft, 'providers'), programs) },
  });
  await buildDevelopmentLayer(tools);
}

/** A layer on the product instead of a stage in its Dockerfile: the product stays free of tests. */
async function buildDevelopmentLayer({ buildah, draft }: BaseImageTools): Promise<void> {
  const context = path.join(draft, 'development');
  mkdirSync(path.join(context, 'modules'), { recursive: true });
  cpSync(testModules, path.join(context, 'modules'), { recursive: true });
  const file = path.join(developmentRecipe, 'Containerfile');
  await buildah.build({ tag: developmentImage, file, context });
}

/** The provider that was built from its Go module, laid out so that `tofu init` finds it. */
function prepareProviders(directory: string, programs: ProgramPaths): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const folder = path.join(
    directory,
    'registry.opentofu.org/gavinbunney/kubectl/1.19.0',
    `linux_${architecture}`,
  );
  mkdirSync(folder, { recursive: true });
  const provider = path.join(folder, 'terraform-provider-kubectl_v1.19.0');
  copyFileSync(programs['terraform-provider-kubectl'], provider);
  return directory;
}
