import { QuartermasterError } from '../../../lib/errors.ts';

/** A namespace of that name exists and is not the project's; it is never taken over. */
export class ForeignNamespaceError extends QuartermasterError {
  readonly code = 'FOREIGN_NAMESPACE';

  constructor(namespace: string) {
    super(`the namespace ${namespace} exists and does not belong to this project`);
  }
}

/** A resource of that name exists and was not made for this request. */
export class ForeignResourceError extends QuartermasterError {
  readonly code = 'FOREIGN_RESOURCE';

  constructor(name: string) {
    super(`the namespace has a ResourceRequest named ${name} that was not made by this request`);
  }
}

/** Both sides kept changing while the relay worked; it looks again later. */
export class UnsettledError extends QuartermasterError {
  readonly code = 'UNSETTLED';

  constructor() {
    super('the request changed while it was carried over');
  }
}

/** The operator has not looked at the class as it is now, so nothing can be run with it yet. */
export class ClassUncheckedError extends QuartermasterError {
  readonly code = 'CLASS_UNCHECKED';

  constructor(name: string) {
    super(`the class ${name} is not ready to be used`);
  }
}
