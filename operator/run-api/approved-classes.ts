import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import { compileParametersSchema, type ParametersValidator } from '../class/parameters-schema.ts';

/** Classes in memory at once; far more than a catalogue has. */
const CAPACITY = 200;

/** A class as it was approved, ready to be used. */
export interface ApprovedClass {
  spec: ResourceClassSpec;
  validate: ParametersValidator;
}

/** Reads a class revision; undefined when there is none of that name. */
export type ReadRevision = (name: string) => Promise<ResourceClassSpec | undefined>;

/**
 * The classes that runs are made with. A revision never changes, so it is read once, and its schema,
 * which costs 35 ms, is compiled once.
 */
export class ApprovedClasses {
  readonly #read: ReadRevision;
  readonly #known = new Map<string, ApprovedClass>();

  constructor(read: ReadRevision) {
    this.#read = read;
  }

  /** The class of a revision; undefined when there is none of that name. */
  async find(revision: string): Promise<ApprovedClass | undefined> {
    const known = this.#known.get(revision);
    if (known !== undefined) return known;
    const spec = await this.#read(revision);
    if (spec === undefined) return undefined;
    const approved = { spec, validate: compileParametersSchema(spec.parameters) };
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= CAPACITY) this.#known.delete(oldest);
    this.#known.set(revision, approved);
    return approved;
  }
}
