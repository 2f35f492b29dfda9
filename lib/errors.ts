/**
 * The root of every error that we throw on purpose. `code` is stable and what callers branch on;
 * nothing branches on `message`.
 */
export abstract class QuartermasterError extends Error {
  /** Stable, SCREAMING_SNAKE. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The configuration cannot be used; lists every fault, not only the first. */
export class ConfigurationError extends QuartermasterError {
  readonly code = 'CONFIGURATION_INVALID';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`the configuration has ${faults.length} fault(s):\n  ${faults.join('\n  ')}`);
    this.faults = faults;
  }
}

/** Anything thrown, as an Error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new Error('a value that is no Error was thrown', { cause: thrown });
}
