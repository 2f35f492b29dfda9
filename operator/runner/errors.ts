import { QuartermasterError } from '../../lib/errors.ts';

/** The file with the run API's address cannot be used. */
export class RunFileError extends QuartermasterError {
  readonly code = 'RUN_FILE_INVALID';
}

/** The run API understood, and said no. Trying again would change nothing. */
export class RunApiRefusal extends QuartermasterError {
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** The run API could not be reached, or failed, for as long as we tried. */
export class RunApiUnreachableError extends QuartermasterError {
  readonly code = 'RUN_API_UNREACHABLE';
}

/** The engine cannot be started at all. */
export class EngineMissingError extends QuartermasterError {
  readonly code = 'ENGINE_MISSING';
}
