/** Lets a few through at a time, in order; a bounded number waits. */
export class Semaphore {
  #free: number;
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];

  constructor(free: number, limit: number) {
    this.#free = free;
    this.#limit = limit;
  }

  /**
   * Waits for a turn.
   *
   * @returns gives the turn back, once; undefined when too many wait already
   */
  async acquire(): Promise<(() => void) | undefined> {
    if (this.#free > 0) {
      this.#free -= 1;
    } else {
      if (this.#waiting.length >= this.#limit) return undefined;
      // The turn passes from hand to hand, so #free stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return () => {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    };
  }
}
