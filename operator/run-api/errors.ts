import { QuartermasterError } from '../../lib/errors.ts';

/** A call to the run API that is refused; the message is for the runner. */
export class RunApiError extends QuartermasterError {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The run cannot be composed: its class, parameters or project do not fit together. */
export class InvalidRunInputsError extends QuartermasterError {
  readonly code = 'RUN_INPUTS_INVALID';
}
