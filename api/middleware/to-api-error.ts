import { databaseFailure } from '../db/database-error.ts';
import { ApiError, ConflictError, UnavailableError } from '../errors.ts';

/** Codes of Node and PostgreSQL for a database that is away, going away or full. */
const UNAVAILABLE = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT'],
  ...['57P01', '57P02', '57P03', '53300', '08006', '08001'],
  // A statement that was prepared before a migration; the connection is not used again.
  '0A000',
]);

/** Unique, foreign key and exclusion violations: somebody was faster. */
const CONFLICTS = new Set(['23505', '23503', '23P01', '40001', '40P01']);

/** Our own error for whatever was thrown, or undefined for what nobody foresaw. */
export function toApiError(thrown: unknown): ApiError | undefined {
  if (thrown instanceof ApiError) return thrown;
  const failure = databaseFailure(thrown);
  if (failure === undefined) return undefined;
  if (UNAVAILABLE.has(failure.code)) {
    return new UnavailableError('The database does not answer; try again soon.', { cause: thrown });
  }
  if (CONFLICTS.has(failure.code)) {
    return new ConflictError('It does not fit what is there already.', 'CONFLICT', {
      cause: thrown,
    });
  }
  return undefined;
}
