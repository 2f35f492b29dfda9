import { ConflictError, ValidationFailedError } from '../errors.ts';
import type { ClassCatalogue } from '../sync/classes/class-catalogue.ts';
import type { OfferedClass } from '../sync/classes/offered-class.ts';

/**
 * The class that a new request names, if its parameters are good.
 *
 * @throws {ValidationFailedError} for an unknown class, or naming every parameter that is wrong
 * @throws {UnavailableError} while the classes are not known
 */
export function checkNewParameters(
  classes: ClassCatalogue,
  className: string,
  parameters: Record<string, unknown>,
): OfferedClass {
  const offered = classes.find(className);
  if (!offered) {
    throw new ValidationFailedError([
      { pointer: '/class_name', message: 'There is no class of this name.' },
    ]);
  }
  refuseFaults(offered, parameters);
  return offered;
}

/**
 * The class of a request that exists, if new parameters for it are good.
 *
 * @throws {ConflictError} when the class is no longer offered
 * @throws {ValidationFailedError} naming every parameter that is wrong
 */
export function checkChangedParameters(
  classes: ClassCatalogue,
  className: string,
  parameters: Record<string, unknown>,
): OfferedClass {
  const offered = requireOffered(classes, className);
  refuseFaults(offered, parameters);
  return offered;
}

/**
 * The class of a request that is about to be approved, if it still takes the parameters.
 *
 * @throws {ConflictError} when the class is no longer offered, or has changed too much
 */
export function checkApprovedParameters(
  classes: ClassCatalogue,
  className: string,
  parameters: Record<string, unknown>,
): OfferedClass {
  const offered = requireOffered(classes, className);
  if (offered.validateParameters(parameters).length > 0) {
    throw new ConflictError('The class has changed and does not take these parameters any more.');
  }
  return offered;
}

function requireOffered(classes: ClassCatalogue, className: string): OfferedClass {
  const offered = classes.find(className);
  if (!offered) throw new ConflictError('The class of this request is not offered any more.');
  return offered;
}

function refuseFaults(offered: OfferedClass, parameters: Record<string, unknown>): void {
  const faults = offered.validateParameters(parameters);
  if (faults.length > 0) throw new ValidationFailedError(faults);
}
