import { QuartermasterError } from '../../lib/errors.ts';

/**
 * Trying again cannot help: somebody has to change something, and that change wakes the key.
 * Thrown by a reconcile after it has said so in the object's status.
 */
export class TerminalError extends QuartermasterError {
  readonly code: string = 'TERMINAL';
}

/** Not a fault: what is needed is not there yet, and nothing will tell when it is. */
export class WaitingError extends QuartermasterError {
  readonly code: string = 'WAITING';
  /** When to look again. */
  readonly retryAfterMs: number;

  /** @param message what is waited for */
  constructor(retryAfterMs: number, message = 'waiting') {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}
