import { QuartermasterError } from '../../lib/errors.ts';

/** The command line is not understood; the message says what is. */
export class UsageError extends QuartermasterError {
  readonly code = 'USAGE';
}

/** What was asked for is not there, or cannot be done now. */
export class StateAdminError extends QuartermasterError {
  readonly code = 'STATE_ADMIN';
}
