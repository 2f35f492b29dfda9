/** What PostgreSQL or the connection to it says of a failure. */
export interface DatabaseFailure {
  /** SQLSTATE, or Node's code of a network error. */
  code: string;
  constraint: string | undefined;
}

/**
 * The code of a failed query, whether the driver or objection (which keeps the driver's error
 * inside) threw it; undefined for every other error.
 */
export function databaseFailure(error: unknown): DatabaseFailure | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { nativeError } = error as { nativeError?: unknown };
  const { code, constraint } = (nativeError ?? error) as { code?: unknown; constraint?: unknown };
  if (typeof code !== 'string') return undefined;
  return { code, constraint: typeof constraint === 'string' ? constraint : undefined };
}

/** Whether an error says that this unique index (or any, without a name) has the value already. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const failure = databaseFailure(error);
  if (failure?.code !== '23505') return false;
  return constraint === undefined || failure.constraint === constraint;
}
