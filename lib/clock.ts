/** Where the time comes from; passed in, so that tests can turn it. */
export interface Clock {
  /** Now. */
  now(): Date;
}

/** The clock of the machine. */
export const systemClock: Clock = { now: () => new Date() };
