import { classDigest } from '../../crds/approval.ts';
import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import type { ClassVerdict } from './check-class.ts';
import type { Fault } from './fault.ts';

/** What is to be done about a class. */
export type ClassDecision =
  | { kind: 'refuse'; faults: Fault[] }
  | { kind: 'publish'; spec: ResourceClassSpec; digest: string };

/** A class without faults is published: snapshot first, then the status that names it. */
export function decideClass(verdict: ClassVerdict): ClassDecision {
  return verdict.valid
    ? { kind: 'publish', spec: verdict.spec, digest: classDigest(verdict.spec) }
    : { kind: 'refuse', faults: verdict.faults };
}
