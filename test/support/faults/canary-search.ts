import { gunzipSync } from 'node:zlib';

/** A secret value that was planted. */
export interface Canary {
  /** Shown in place of the value. */
  name: string;
  value: string;
}

/** A place where a planted value was found. */
export interface CanaryFinding {
  canary: string;
  place: string;
}

const GZIP = Buffer.from([0x1f, 0x8b]);
/** Below this, chance finds them. */
const SHORTEST_LINE = 16;
const BASE64 = /^[A-Za-z0-9+/_-]{16,}={0,2}$/;

/** Looks for planted values in whatever the platform has written, in every form it may have. */
export class CanarySearch {
  readonly #forms: { canary: string; forms: string[] }[];
  readonly findings: CanaryFinding[] = [];

  constructor(canaries: readonly Canary[]) {
    this.#forms = canaries.map(({ name, value }) => ({ canary: name, forms: formsOf(value) }));
  }

  /** Looks through a text. */
  text(place: string, text: string): void {
    for (const { canary, forms } of this.#forms) {
      if (forms.some((form) => text.includes(form))) this.findings.push({ canary, place });
    }
  }

  /** Looks through bytes, and through what they are compressed from. */
  bytes(place: string, bytes: Buffer): void {
    this.text(place, bytes.toString('latin1'));
    this.text(place, bytes.toString('utf8'));
    const plain = unzip(bytes);
    if (plain !== undefined) this.text(`${place} (gzip)`, plain.toString('utf8'));
  }

  /** Looks through an object as JSON, through its texts, and through those that are base64. */
  object(place: string, object: unknown): void {
    this.text(place, JSON.stringify(object));
    for (const [path, text] of textsOf(object)) {
      this.text(`${place}${path}`, text);
      if (BASE64.test(text)) this.bytes(`${place}${path}`, Buffer.from(text, 'base64'));
    }
  }
}

/** Every form of a value that counts as the value. */
export function formsOf(value: string): string[] {
  const isTelling = (line: string): boolean =>
    line.length >= SHORTEST_LINE && !line.startsWith('-----');
  const lines = value.includes('\n') ? value.split('\n').filter(isTelling) : [];
  const json = JSON.stringify(value).slice(1, -1);
  const forms = [
    value,
    ...lines,
    json,
    json.replace(/[<>&]/g, escapeUnicode),
    encodeURIComponent(value),
    strictUrl(value),
    strictUrl(value).replaceAll('%20', '+'),
    ...base64Cores(value),
  ];
  return [...new Set([...forms, ...forms.map(toBase64Url)])];
}

/** What is left of a value in base64 wherever it stands in the encoded text: three ways to fall. */
function base64Cores(value: string): string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const begin = Math.ceil((shift * 8) / 6);
    return encoded.slice(begin, Math.floor(((shift + bytes.length) * 8) / 6));
  });
}

function toBase64Url(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_');
}

/** As Go and most other languages do it: JavaScript leaves more as it is. */
function strictUrl(value: string): string {
  const escape = (sign: string): string =>
    `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  return encodeURIComponent(value).replace(/[!'()*]/g, escape);
}

function escapeUnicode(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function unzip(bytes: Buffer): Buffer | undefined {
  if (!bytes.subarray(0, GZIP.length).equals(GZIP)) return undefined;
  try {
    return gunzipSync(bytes);
  } catch {
    return undefined;
  }
}

function textsOf(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => textsOf(item, `${path}.${key}`));
}
