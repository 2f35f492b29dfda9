import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Say } from '../processes/say.ts';
import { timed } from '../processes/say.ts';
import { withFileLock } from '../processes/file-lock.ts';
import type { BaseImageTools } from './base-images.ts';
import { ensureBaseImage, fingerprintStandIn } from './base-images.ts';
import { Buildah } from './buildah.ts';
import { imagePaths } from './image-paths.ts';
import {
  buildDevelopmentImage,
  developmentImage,
  fingerprintDevelopmentImage,
} from './product-image.ts';
import { RegistryProbe } from './registry.ts';
import type { StandIn, StandInSources } from './stand-ins.ts';
import { busyboxStandIn, postgresStandIn } from './stand-ins.ts';

/** An image in a file that a container runtime can load. */
export interface ImageArchive {
  readonly name: string;
  readonly archive: string;
}

/** What building images takes. */
export interface ImageOptions extends StandInSources {
  readonly say: Say;
}

interface WantedImage extends ImageArchive {
  /** Begin of the file names of all its archives. */
  readonly prefix: string;
  make(tools: BaseImageTools): Promise<void>;
}

/**
 * Makes sure that the images of the local platform are in the cache, building those whose inputs
 * have changed: the product image, and the images that volumes and classes run.
 *
 * @param options `programs` of the sets `opentofu` and `provider-kubectl`, the supervisor that runs
 *   the builds, and who hears about them
 * @returns every image with its archive; the file name changes with the content
 * @throws {PlatformError} if a build fails
 */
export async function ensureImages(options: ImageOptions): Promise<ImageArchive[]> {
  const wanted = listWanted(options);
  if (!wanted.every(isMade)) {
    mkdirSync(imagePaths.archives, { recursive: true });
    await withFileLock(imagePaths.lock, options.supervisor.signal, () =>
      makeMissing(wanted, options),
    );
  }
  return wanted.map(({ name, archive }) => ({ name, archive }));
}

/** @returns whether there is an image that would have to be built now */
export function isAnyImageMissing(sources: StandInSources): boolean {
  return !listWanted(sources).every(isMade);
}

function listWanted(sources: StandInSources): WantedImage[] {
  const fromOutside = (image: StandIn): WantedImage => ({
    ...place(image.name, image.recipe, fingerprintStandIn(image, sources)),
    make: (tools) => ensureBaseImage(image, tools),
  });
  return [
    fromOutside(busyboxStandIn),
    fromOutside(postgresStandIn),
    {
      ...place(developmentImage, 'quartermaster', fingerprintDevelopmentImage(sources)),
      make: buildDevelopmentImage,
    },
  ];
}

function place(
  name: string,
  short: string,
  fingerprint: string,
): ImageArchive & { prefix: string } {
  const prefix = `${short}-`;
  return { name, prefix, archive: path.join(imagePaths.archives, `${prefix}${fingerprint}.tar`) };
}

function isMade(image: WantedImage): boolean {
  return existsSync(image.archive);
}

async function makeMissing(wanted: readonly WantedImage[], options: ImageOptions): Promise<void> {
  mkdirSync(imagePaths.drafts, { recursive: true });
  const draft = mkdtempSync(path.join(imagePaths.drafts, 'draft-'));
  const buildah = new Buildah(options.supervisor);
  const tools = { ...options, buildah, registries: new RegistryProbe(), draft };
  try {
    for (const image of wanted.filter((candidate) => !isMade(candidate))) {
      await timed(options.say, `image ${image.name}`, () => makeArchive(image, tools));
    }
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Writes the archive under another name first, so that half a file is never taken for an image. */
async function makeArchive(image: WantedImage, tools: BaseImageTools): Promise<void> {
  await image.make(tools);
  const half = path.join(tools.draft, path.basename(image.archive));
  await tools.buildah.save(image.name, half);
  for (const file of readdirSync(imagePaths.archives)) {
    if (file.startsWith(image.prefix)) rmSync(path.join(imagePaths.archives, file));
  }
  renameSync(half, image.archive);
}
