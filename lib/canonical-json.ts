import { createHash } from './node-crypto.ts';
import canonicalize from 'canonicalize';

/** Canonical JSON, RFC 8785: the same value gives the same text, whatever the order of its keys. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only JSON values have a canonical form');
  return text;
}

/**
 * SHA-256 over the canonical JSON of a value.
 *
 * @returns `sha256:` and 64 hexadecimal digits
 */
export function digest(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`;
}
