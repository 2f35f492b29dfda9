import { z } from 'zod';

/** How many versions of a state are kept. */
export const KEPT_VERSIONS = 10;
/** Older versions go earlier when all of them together are larger than this. */
export const KEPT_BYTES = 64 * 1024 * 1024;
/** Bytes of one chunk: with base64 and metadata well under what a Secret and etcd take. */
export const CHUNK_BYTES = 768 * 1024;

const versionSchema = z.object({
  number: z.number().int().positive(),
  writer: z.string(),
  run: z.string(),
  writtenAt: z.string(),
  chunks: z.number().int().positive(),
  /** Sealed size of all chunks. */
  bytes: z.number().int(),
});

const indexSchema = z.object({
  /** Number of the version that is the state; 0 when there is none. */
  current: z.number().int().min(0),
  /** Highest number ever given. */
  last: z.number().int().min(0),
  /** Goes up whenever a lock is broken, so that whoever was writing then is refused. */
  fence: z.number().int().min(0),
  versions: z.array(versionSchema),
});

/** One version of a state. */
export type StateVersion = z.infer<typeof versionSchema>;
/** What the index of a state says. */
export type StateIndex = z.infer<typeof indexSchema>;

/** The index of a request that has no state yet. */
export const EMPTY_INDEX: StateIndex = { current: 0, last: 0, fence: 0, versions: [] };

/** @throws {z.ZodError} if it is not an index */
export function parseStateIndex(text: string): StateIndex {
  return indexSchema.parse(JSON.parse(text));
}

/** The version that is the state now. */
export function findCurrentVersion(index: StateIndex): StateVersion | undefined {
  return index.versions.find((version) => version.number === index.current);
}

/**
 * The index after a new version was written.
 *
 * @returns the index, and the versions that it no longer names
 */
export function addVersion(
  index: StateIndex,
  version: StateVersion,
): { index: StateIndex; dropped: StateVersion[] } {
  const newestFirst = [version, ...index.versions];
  const kept = newestFirst.filter((_, position) => isKept(newestFirst, position));
  return {
    index: { ...index, current: version.number, last: version.number, versions: kept },
    dropped: newestFirst.filter((candidate) => !kept.includes(candidate)),
  };
}

/** The newest two always stay; the others while they are few and small enough. */
function isKept(newestFirst: readonly StateVersion[], position: number): boolean {
  if (position < 2) return true;
  const bytes = newestFirst.slice(0, position + 1).reduce((sum, { bytes: size }) => sum + size, 0);
  return position < KEPT_VERSIONS && bytes <= KEPT_BYTES;
}
