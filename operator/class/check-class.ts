import { resourceClassSpecSchema, type ResourceClassSpec } from '../../crds/resource-class.ts';
import { checkDrift } from './check-drift.ts';
import { checkInputs } from './check-inputs.ts';
import { checkModule } from './check-module.ts';
import { checkOutputs } from './check-outputs.ts';
import { checkParameters } from './check-parameters.ts';
import { appendPointer, type Fault } from './fault.ts';

/** A class that can be used, parsed; or what is wrong with it. */
export type ClassVerdict =
  { valid: true; spec: ResourceClassSpec } | { valid: false; faults: Fault[] };

const CHECKS: readonly ((spec: ResourceClassSpec) => Fault[])[] = [
  checkParameters,
  checkModule,
  checkInputs,
  checkOutputs,
  checkDrift,
];

/**
 * Whether the spec of a class can be offered; all faults at once.
 *
 * @param spec as it came from the API server; fields that we do not know are left out
 */
export function checkClass(spec: unknown): ClassVerdict {
  const parsed = resourceClassSpecSchema.safeParse(spec);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => ({
      pointer: issue.path.reduce<string>(
        (place, name) => appendPointer(place, String(name)),
        '/spec',
      ),
      message: issue.message,
    }));
    return { valid: false, faults };
  }
  const faults = CHECKS.flatMap((check) => check(parsed.data));
  return faults.length > 0 ? { valid: false, faults } : { valid: true, spec: parsed.data };
}
