/** Longest name of a namespace (RFC 1123 label). */
const NAMESPACE_LIMIT = 63;

/** The namespace of a project; undefined where it would be too long. */
export function projectNamespace(organizationSlug: string, slug: string): string | undefined {
  const namespace = `${organizationSlug}-${slug}`;
  return namespace.length <= NAMESPACE_LIMIT ? namespace : undefined;
}
