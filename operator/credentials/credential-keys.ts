import type { ResourceClassSpec } from '../../crds/resource-class.ts';

/** A module output and the key of the Secret that it becomes. */
export interface CredentialKey {
  from: string;
  as: string;
}

/** The credentials of a class, in the order in which it names them. */
export function credentialKeys(spec: Pick<ResourceClassSpec, 'outputs'>): CredentialKey[] {
  return (spec.outputs?.credentials ?? []).map((output) =>
    typeof output === 'string' ? { from: output, as: output } : output,
  );
}
