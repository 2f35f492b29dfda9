import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Say } from '../processes/say.ts';
import { timed } from '../processes/say.ts';
import type { Buildah } from './buildah.ts';
import { debianFingerprint, ensureDebianBase } from './debian-base.ts';
import { computeFingerprint } from './fingerprint.ts';
import { standInsDirectory } from './image-paths.ts';
import type { RegistryProbe } from './registry.ts';
import type { StandIn, StandInSources } from './stand-ins.ts';
import { prepareContext } from './stand-ins.ts';

/** What getting a base image takes. */
export interface BaseImageTools extends StandInSources {
  readonly buildah: Buildah;
  readonly registries: RegistryProbe;
  /** An empty folder for the work. */
  readonly draft: string;
  readonly say: Say;
}

/** @returns a text that changes when another stand-in would come out */
export function fingerprintStandIn(standIn: StandIn, sources: StandInSources): string {
  const inputs = standIn.inputs(sources);
  return computeFingerprint({
    sources: [path.join(standInsDirectory, standIn.recipe), ...inputs.sources],
    programs: inputs.programs ?? [],
    texts: [debianFingerprint, ...(inputs.texts ?? [])],
  });
}

/**
 * Makes sure that the storage has an image under its ordinary name: as it was got before, else from
 * its registry, else a stand-in.
 *
 * @param standIn the image and how to make a substitute
 * @param tools what it takes
 */
export async function ensureBaseImage(standIn: StandIn, tools: BaseImageTools): Promise<void> {
  const { buildah, registries } = tools;
  const lasting = `localhost/quartermaster/base/${standIn.recipe}:${fingerprintStandIn(standIn, tools)}`;
  if (!(await buildah.has(lasting))) {
    if (await registries.canReach(standIn.name)) await buildah.pull(standIn.name);
    else {
      await timed(tools.say, `made a stand-in for ${standIn.name}`, () =>
        buildStandIn(standIn, tools),
      );
    }
    await buildah.tag(standIn.name, lasting);
  }
  await buildah.tag(lasting, standIn.name);
}

async function buildStandIn(standIn: StandIn, tools: BaseImageTools): Promise<void> {
  await ensureDebianBase(tools.buildah, tools.supervisor, tools.draft, tools.say);
  const context = path.join(tools.draft, standIn.recipe);
  mkdirSync(context, { recursive: true });
  await prepareContext(standIn, context, tools);
  await tools.buildah.build({
    tag: standIn.name,
    file: path.join(context, 'Containerfile'),
    context,
  });
}
