import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import type { Supervisor } from '../processes/supervisor.ts';
import { writeFileAtomically } from '../processes/write-file.ts';
import { containerClient } from './container-client.ts';
import { nodePaths } from './node-paths.ts';

const recordSchema = z.record(
  z.string(),
  z.object({ stamp: z.string(), images: z.array(z.string()) }),
);

/** What was loaded: archive → its stamp, and the images that came out of it. */
export type LoadedImages = z.output<typeof recordSchema>;

/**
 * Brings images to the node, each once: an archive with the same size and time of change, whose
 * images are still there, is skipped.
 *
 * @param archives docker or OCI archives
 * @param supervisor runs the import
 * @returns the archives that were really imported
 */
export async function loadImages(
  archives: readonly string[],
  supervisor: Supervisor,
): Promise<string[]> {
  const client = containerClient(supervisor);
  const record = readRecord();
  const present = new Set(await client.listImages());
  const stamps = archives.map((archive) => ({ archive, stamp: stampOf(archive) }));
  const wanted = stamps.filter((entry) => needsLoading(entry, record, present));
  for (const { archive, stamp } of wanted) {
    record[archive] = { stamp, images: await client.importArchive(archive) };
    writeFileAtomically(nodePaths.loadedImages, JSON.stringify(record, null, 2));
  }
  return wanted.map((entry) => entry.archive);
}

/**
 * @param entry an archive and its stamp now
 * @param record what was loaded before
 * @param present the images on the node
 * @returns whether it must be imported (again)
 */
export function needsLoading(
  entry: { readonly archive: string; readonly stamp: string },
  record: LoadedImages,
  present: ReadonlySet<string>,
): boolean {
  const known = record[entry.archive];
  if (known?.stamp !== entry.stamp) return true;
  return known.images.length === 0 || known.images.some((image) => !present.has(image));
}

function stampOf(archive: string): string {
  const { size, mtimeMs } = statSync(archive);
  return `${size}-${mtimeMs}`;
}

function readRecord(): LoadedImages {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(nodePaths.loadedImages, 'utf8')));
  } catch {
    return {};
  }
}
