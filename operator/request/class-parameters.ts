import {
  compileParametersSchema,
  type ParametersValidator,
  type ParametersVerdict,
} from '../class/parameters-schema.ts';

/** Most compiled schemas in memory; more than a catalogue has classes. */
const CAPACITY = 500;

/** Compiled parameters schemas by the digest of their class, since compiling takes milliseconds. */
export class ClassParameters {
  readonly #validators = new Map<string, ParametersValidator>();

  /** Judges parameters by the schema of a class. */
  judge(
    resourceClass: { digest: string; schema: Record<string, unknown> },
    parameters: Record<string, unknown> | undefined,
  ): ParametersVerdict {
    return this.#validator(resourceClass.digest, resourceClass.schema)(parameters);
  }

  #validator(digest: string, schema: Record<string, unknown>): ParametersValidator {
    const known = this.#validators.get(digest);
    if (known) return known;
    const compiled = compileParametersSchema(schema);
    if (this.#validators.size >= CAPACITY) this.#validators.clear();
    this.#validators.set(digest, compiled);
    return compiled;
  }
}
