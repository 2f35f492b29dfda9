import { QuartermasterError } from '../../lib/errors.ts';

/** A class names a variable or output that Terraform could not take. */
export class InvalidModuleInputError extends QuartermasterError {
  readonly code = 'INVALID_MODULE_INPUT';
}

/** The engine printed something that is not what it documents. */
export class UnexpectedEngineOutputError extends QuartermasterError {
  readonly code = 'UNEXPECTED_ENGINE_OUTPUT';
}
