import type { ResourceClass } from '../../crds/resource-class.ts';

/** Where an installation that is not ours keeps what it makes of a class. */
export interface OtherInstallation {
  className: string;
  runsNamespace: string;
}

/**
 * The installation that a class belongs to, if that is another one. The state of everything made
 * from a class lies in the namespace that its status names; an operator without that state would
 * make everything again.
 *
 * @param runsNamespace where we keep ours
 * @returns undefined for a class of ours, or of nobody yet
 */
export function findOtherInstallation(
  { metadata, status }: Pick<ResourceClass, 'metadata' | 'status'>,
  runsNamespace: string,
): OtherInstallation | undefined {
  const named = status?.revisionNamespace;
  if (named === undefined || named === runsNamespace) return undefined;
  return { className: metadata.name, runsNamespace: named };
}
