import { classDigest } from '../../../crds/approval.ts';
import {
  resourceClassSchema,
  type ResourceClassSpec,
  type ResourceClassStatus,
} from '../../../crds/resource-class.ts';
import { compileParameterValidator, type ParameterValidator } from './parameter-validator.ts';

/** A class that can be requested. */
export interface OfferedClass {
  name: string;
  spec: ResourceClassSpec;
  /** As the operator computes it: over the parsed spec, so with its defaults. */
  digest: string;
  status: ResourceClassStatus | undefined;
  validateParameters: ParameterValidator;
}

/**
 * Reads a ResourceClass as Kubernetes has it.
 *
 * @returns undefined for an object that cannot be offered: one that an older or newer schema let
 *   in, or whose parameter schema does not compile; the operator says what is wrong in its status
 */
export function readOfferedClass(object: unknown): OfferedClass | undefined {
  const parsed = resourceClassSchema.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, spec, status } = parsed.data;
  if (metadata.deletionTimestamp !== undefined) return undefined;
  try {
    const validateParameters = compileParameterValidator(spec.parameters);
    return { name: metadata.name, spec, digest: classDigest(spec), status, validateParameters };
  } catch {
    return undefined;
  }
}

/**
 * The keys of the Secret that a class makes: its credentials, and what the Service Binding
 * specification adds. The api never reads the Secret itself.
 */
export function credentialKeys(spec: ResourceClassSpec): string[] {
  const outputs = spec.outputs?.credentials ?? [];
  const keys = outputs.map((output) => (typeof output === 'string' ? output : output.as));
  if (spec.binding) keys.push('type', 'provider');
  return [...new Set(keys)].sort();
}
