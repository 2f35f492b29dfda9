import type { ResourceClass } from '../../crds/resource-class.ts';
import { checkClass } from './check-class.ts';
import { decideClass, type ClassDecision } from './decide.ts';

/** Classes that are remembered at once; more than a catalogue has. */
const CAPACITY = 500;

/**
 * What was decided about each class as it stands. A class is looked at whenever its requests are counted, and
 * checking it compiles its schema, which takes tens of milliseconds; its spec changes with its generation only.
 */
export class ClassDecisions {
  readonly #decided = new Map<string, { generation: number; decision: ClassDecision }>();

  /** Decides about a class; what it stands with has been decided once. */
  decide({ metadata, spec }: ResourceClass): ClassDecision {
    const { uid = '', generation = 0 } = metadata;
    const known = this.#decided.get(uid);
    if (known?.generation === generation) return known.decision;
    const decision = decideClass(checkClass(spec));
    if (this.#decided.size >= CAPACITY) this.#decided.clear();
    this.#decided.set(uid, { generation, decision });
    return decision;
  }
}
