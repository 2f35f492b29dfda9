import {
  access,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import type { Installation } from '../terraform/run-contract.ts';
import type { Workspace } from './workspace.ts';

/** Where the engine installs modules and providers. */
const FOLDER = '.terraform';
/** What is more than this is not kept: it is fetched again. */
const MOST_ENTRIES = 200;
const MOST_BYTES = 128 * 1024;
const EXECUTABLE = 0o111;

/**
 * What `init` has installed, where it is little enough to be kept with a plan: a module of the image and
 * providers of its mirror are links. What was downloaded is not kept, but for a few short texts.
 *
 * @returns undefined if it has to be installed anew
 */
export async function readInstallation({
  directory,
}: Pick<Workspace, 'directory'>): Promise<Installation | undefined> {
  const folder = path.join(directory, FOLDER);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  if (entries.length > MOST_ENTRIES) return undefined;
  const installation: Installation = { links: {}, files: {} };
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const place = path.join(entry.parentPath, entry.name);
    const isLink = entry.isSymbolicLink();
    const content = isLink ? await readLink(place) : await readText(place);
    if (content === undefined) return undefined;
    installation[isLink ? 'links' : 'files'][path.relative(folder, place)] = content;
  }
  return sizeOf(installation) > MOST_BYTES ? undefined : installation;
}

/**
 * Puts back what another run's `init` has installed.
 *
 * @returns false if something that it links to is not there any more; nothing was put back then
 */
export async function restoreInstallation(
  { directory }: Pick<Workspace, 'directory'>,
  { links, files }: Installation,
): Promise<boolean> {
  if (!(await areAllThere(Object.values(links)))) return false;
  const put = async (name: string, write: (place: string) => Promise<void>): Promise<void> => {
    const place = path.join(directory, FOLDER, name);
    await mkdir(path.dirname(place), { recursive: true, mode: 0o700 });
    await write(place);
  };
  for (const [name, target] of Object.entries(links)) {
    await put(name, (place) => symlink(target, place));
  }
  for (const [name, text] of Object.entries(files)) {
    await put(name, (place) => writeFile(place, text, { mode: 0o600 }));
  }
  return true;
}

async function areAllThere(places: readonly string[]): Promise<boolean> {
  const looks = await Promise.allSettled(places.map((place) => access(place)));
  return looks.every(({ status }) => status === 'fulfilled');
}

/** A relative one would lead elsewhere from another folder. */
async function readLink(place: string): Promise<string | undefined> {
  const target = await readlink(place);
  return path.isAbsolute(target) ? target : undefined;
}

/** Programs are not kept, nor is what is no text. */
async function readText(place: string): Promise<string | undefined> {
  const status = await lstat(place);
  const isProgram = (status.mode & EXECUTABLE) !== 0;
  if (!status.isFile() || isProgram || status.size > MOST_BYTES) return undefined;
  const bytes = await readFile(place);
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : undefined;
}

function sizeOf({ links, files }: Installation): number {
  return Buffer.byteLength(JSON.stringify([links, files]));
}
