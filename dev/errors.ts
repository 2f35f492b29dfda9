import { QuartermasterError } from '../lib/errors.ts';

/** The local platform cannot do what was asked; the message says what is missing and how to go on. */
export class PlatformError extends QuartermasterError {
  readonly code = 'PLATFORM_FAILED';
}

/** Ctrl-C, SIGTERM or a stop from elsewhere; what was started is being taken down. */
export class InterruptedError extends QuartermasterError {
  readonly code = 'INTERRUPTED';

  constructor() {
    super('interrupted');
  }
}

/**
 * @param signal aborted when the platform is to go down
 * @throws {InterruptedError} if it is aborted already
 */
export function throwIfInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new InterruptedError();
}
