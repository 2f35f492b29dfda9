import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Cipher } from './cipher.ts';
import { CHUNK_BYTES } from './state-index.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Bytes that sealing adds at most: magic, key id, iv, tag. */
const SEAL_BYTES = 512;

/** Where a state is stored; every chunk's seal is bound to it. */
export interface StatePlace {
  requestUid: string;
  number: number;
  writer: string;
}

/** A state as sealed chunks: compressed, cut, each chunk sealed for its place. */
export async function encodeState(
  state: Buffer,
  place: StatePlace,
  cipher: Cipher,
): Promise<Buffer[]> {
  const packed = await compress(state);
  const size = CHUNK_BYTES - SEAL_BYTES;
  const count = Math.max(1, Math.ceil(packed.length / size));
  return Array.from({ length: count }, (_, chunk) =>
    cipher.seal(packed.subarray(chunk * size, (chunk + 1) * size), chunkPlace(place, chunk, count)),
  );
}

/**
 * The state out of its chunks, in order.
 *
 * @throws {SealBrokenError} if a chunk was changed, is missing or belongs elsewhere
 */
export async function decodeState(
  chunks: readonly Buffer[],
  place: StatePlace,
  cipher: Cipher,
): Promise<Buffer> {
  const opened = chunks.map((sealed, chunk) =>
    cipher.open(sealed, chunkPlace(place, chunk, chunks.length)),
  );
  return decompress(Buffer.concat(opened));
}

function chunkPlace(place: StatePlace, chunk: number, count: number): string {
  return `state/${place.requestUid}/${place.number}/${place.writer}/${chunk}/${count}`;
}
