import { QuartermasterError } from '../../lib/errors.ts';

/** A stored value cannot be opened: another key, another place, or a changed byte. */
export class SealBrokenError extends QuartermasterError {
  readonly code = 'SEAL_BROKEN';
}

/** Another run holds the state of this request. */
export class StateLockedError extends QuartermasterError {
  readonly code = 'STATE_LOCKED';
  /** Name of the run that holds it. */
  readonly run: string;

  constructor(run: string) {
    super(`the state is locked by run ${run}`);
    this.run = run;
  }
}

/** Another process of the same run got there first. */
export class AlreadyStartedError extends QuartermasterError {
  readonly code = 'ALREADY_STARTED';
}

/** The writer does not hold the lock, or lost it while it wrote. */
export class StateLockLostError extends QuartermasterError {
  readonly code = 'STATE_LOCK_LOST';
}

/** A key that is needed is not taken away, and one that is not there is not used. */
export class KeyInUseError extends QuartermasterError {
  readonly code = 'KEY_IN_USE';
}

/** A chunk that the index names is not there. */
export class StateIncompleteError extends QuartermasterError {
  readonly code = 'STATE_INCOMPLETE';
}

/** A saved plan is not what it was when it was shown, or a piece of it is gone. */
export class PlanAlteredError extends QuartermasterError {
  readonly code = 'PLAN_ALTERED';

  constructor(options?: ErrorOptions) {
    super('the saved plan was altered', options);
  }
}
