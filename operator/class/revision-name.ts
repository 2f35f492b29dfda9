/** How much of a digest makes a name. */
const DIGEST_CHARACTERS = 10;

/** Name of the revision of a class with that digest. */
export function revisionName(className: string, digest: string): string {
  return `${className}-${digest.replace(/^sha256:/, '').slice(0, DIGEST_CHARACTERS)}`;
}
