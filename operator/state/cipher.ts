import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { SealBrokenError } from './errors.ts';

/** First bytes of everything sealed: the format and its version. */
const MAGIC = Buffer.from('QMS1');
const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Bytes of a key. */
export const KEY_BYTES = 32;

/** The keys: one seals, all open. */
export interface KeyRing {
  currentKid: string;
  keys: ReadonlyMap<string, KeyObject>;
}

/** A key ring out of raw keys by their ids. */
export function buildKeyRing(currentKid: string, raw: Record<string, Buffer>): KeyRing {
  const keys = new Map(Object.entries(raw).map(([kid, key]) => [kid, createSecretKey(key)]));
  return { currentKid, keys };
}

/**
 * Seals bytes with AES-256-GCM. What comes out carries the id of its key, so keys can be changed:
 * `QMS1 | kid length (1) | kid | iv (12) | tag (16) | ciphertext`.
 */
export class Cipher {
  readonly #ring: KeyRing;

  constructor(ring: KeyRing) {
    this.#ring = ring;
  }

  /** Id of the key that seals now. */
  get currentKid(): string {
    return this.#ring.currentKid;
  }

  /**
   * @param plain the bytes
   * @param place where they will be stored; the seal holds there only
   */
  seal(plain: Buffer, place: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const kid = Buffer.from(this.#ring.currentKid);
    const cipher = createCipheriv(ALGORITHM, this.#key(this.#ring.currentKid), iv);
    cipher.setAAD(Buffer.from(place));
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([MAGIC, Buffer.from([kid.length]), kid, iv, cipher.getAuthTag(), body]);
  }

  /**
   * @param sealed what {@link seal} gave
   * @param place where it was stored
   * @throws {SealBrokenError} if it was changed, moved, or sealed with a key that is not here
   */
  open(sealed: Buffer, place: string): Buffer {
    const { kid, iv, tag, body } = splitSealed(sealed);
    const decipher = createDecipheriv(ALGORITHM, this.#key(kid), iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(body), decipher.final()]);
    } catch (error) {
      throw new SealBrokenError(`the seal of ${place} is broken`, { cause: error });
    }
  }

  /** Seals a JSON value, compressed. */
  sealJson(value: unknown, place: string): Buffer {
    return this.seal(gzipSync(JSON.stringify(value)), place);
  }

  /** Opens what {@link sealJson} gave. */
  openJson(sealed: Buffer, place: string): unknown {
    return JSON.parse(gunzipSync(this.open(sealed, place)).toString('utf8'));
  }

  #key(kid: string): KeyObject {
    const key = this.#ring.keys.get(kid);
    if (key === undefined) throw new SealBrokenError(`the key ${kid} is not here`);
    return key;
  }
}

/** Id of the key that bytes were sealed with. @throws {SealBrokenError} if they were not sealed */
export function readKid(sealed: Buffer): string {
  return splitSealed(sealed).kid;
}

function splitSealed(sealed: Buffer): { kid: string; iv: Buffer; tag: Buffer; body: Buffer } {
  const kidStart = MAGIC.length + 1;
  const ivStart = kidStart + (sealed[MAGIC.length] ?? 0);
  const bodyStart = ivStart + IV_BYTES + TAG_BYTES;
  if (!sealed.subarray(0, MAGIC.length).equals(MAGIC) || sealed.length < bodyStart) {
    throw new SealBrokenError('these bytes were not sealed by us');
  }
  return {
    kid: sealed.subarray(kidStart, ivStart).toString('utf8'),
    iv: sealed.subarray(ivStart, ivStart + IV_BYTES),
    tag: sealed.subarray(ivStart + IV_BYTES, bodyStart),
    body: sealed.subarray(bodyStart),
  };
}
